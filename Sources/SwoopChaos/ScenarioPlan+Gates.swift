// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// Answers that are about the request, not the file: redirects, limits and pages in the way.
extension ScenarioPlan {
    // MARK: Redirects

    func redirect(hop: Int) -> Behaviour {
        let statuses = ScenarioParameters.redirectStatuses
        let status = parameters.status ?? statuses[parameters.hop % statuses.count]
        let location = HeaderField("Location", location(hop: hop))
        return Behaviour(answer: .respond(error(status, [location])))
    }

    private func location(hop: Int) -> String {
        let query = [request.stateQuery, hop > 0 ? "hop=\(hop)" : ""].filter { !$0.isEmpty }.joined(separator: "&")
        let file = request.encodedName + (query.isEmpty ? "" : "?" + query)
        let path = "/\(scenario.rawValue)/\(file)"
        if let way { return addresses[way] + path }
        switch parameters.hop % 3 {
        case 0: return path
        case 1: return sameOrigin + path
        default: return file
        }
    }

    /// The listener to which a scenario leads whoever asks another one.
    var way: ChaosListener? {
        switch scenario {
        case .redirectOtherOrigin: .other
        // What is not secure yet becomes so first.
        case .redirectHTTPSHTTP: addresses.scheme(of: request.listener) == "https" ? .plain : .secure
        case .tlsExpired: .expired
        case .tlsWrongHost: .wrongHost
        case .tlsSelfSigned: .selfSigned
        case .tlsOld: .oldTLS
        default: nil
        }
    }

    /// The origin by the name that the client gave it, so that an absolute redirect stays there.
    var sameOrigin: String {
        let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]"
        guard let host = request.field("host"), !host.isEmpty, host.allSatisfy(allowed.contains) else {
            return addresses[request.listener]
        }
        return "\(addresses.scheme(of: request.listener))://\(host)"
    }

    /// Leads to a target that is valid for a while, and serves it until then.
    func expiring() -> Behaviour? {
        guard let until = parameters.until else {
            let until = now.wall + parameters.lifetime / Moment.nanosecondsPerMillisecond
            let query = [request.stateQuery, "until=\(until)"].filter { !$0.isEmpty }.joined(separator: "&")
            let target = HeaderField("Location", "/\(scenario.rawValue)/\(request.encodedName)?\(query)")
            return Behaviour(answer: .respond(error(parameters.status ?? 302, [target])))
        }
        return now.wall > until ? Behaviour(answer: .respond(error(403))) : nil
    }

    // MARK: Limits

    mutating func tooMany() -> Behaviour? {
        let isAdmitted = state.connections.contains(request.connection) || state.connections.count < parameters.n
        guard !isAdmitted else { return nil }
        switch parameters.kind {
        case "refuse": return Behaviour(answer: .close)
        case "reset": return Behaviour(answer: .reset)
        default: return Behaviour(answer: .respond(error(Int(parameters.kind) ?? 503, closes: true)))
        }
    }

    mutating func retryAfter() -> Behaviour? {
        if let refusal = state.refusal, isBefore(refusal.until) { return waitAgain(refusal) }
        guard state.responses >= parameters.first, state.refusals < parameters.n else { return nil }
        let refusal = ResourceState.Refusal(at: now, until: waitingTimeEnd())
        state.refusals += 1
        state.refusal = refusal
        return Behaviour(answer: .respond(serviceUnavailable(until: refusal.until)))
    }

    /// The answer to a request within the waiting time; only one sent before the 503 can have arrived is no violation.
    private func waitAgain(_ refusal: ResourceState.Refusal) -> Behaviour {
        var behaviour = Behaviour(answer: .respond(serviceUnavailable(until: refusal.until)))
        if now.ticks - refusal.at.ticks > Self.grace {
            let waited = (now.ticks - refusal.at.ticks) / Moment.nanosecondsPerMillisecond
            behaviour.violation = "asked again after \(waited) ms, within the time that Retry-After named"
        }
        return behaviour
    }

    /// How long requests on other connections may be under way when the first 503 is sent, in nanoseconds.
    private static var grace: Int64 { 100 * Moment.nanosecondsPerMillisecond }

    private func isBefore(_ until: Moment) -> Bool {
        parameters.form == .date ? now.wall < until.wall : now.ticks < until.ticks
    }

    /// A date has whole seconds only, so the one after the asked time is meant.
    private func waitingTimeEnd() -> Moment {
        let wall = now.wall + parameters.seconds * 1_000
        let wholeSeconds = (wall + 999) / 1_000 * 1_000
        let ticks = now.ticks + parameters.seconds * Moment.nanosecondsPerSecond
        return Moment(ticks: ticks, wall: parameters.form == .date ? wholeSeconds : wall)
    }

    private func serviceUnavailable(until: Moment) -> Response {
        let seconds = (until.ticks - now.ticks + Moment.nanosecondsPerSecond - 1) / Moment.nanosecondsPerSecond
        let date = HTTPDate(secondsSinceEpoch: until.wall / 1_000).wireForm
        let value = parameters.form == .date ? date : String(seconds)
        return error(503, [HeaderField("Retry-After", value)])
    }

    // MARK: Pages in the way

    /// What a captive portal or an expired session sends in place of the file.
    func loginPage() -> Response {
        let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n"
        return Response(
            status: 200,
            fields: [HeaderField("Content-Type", "text/html; charset=utf-8")],
            body: .text(page)
        )
    }
}

/// The words after a status code.
enum ReasonPhrase {
    static func of(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 412: "Precondition Failed"
        case 416: "Range Not Satisfiable"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
