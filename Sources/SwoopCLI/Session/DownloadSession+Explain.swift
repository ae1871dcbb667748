// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore
internal import SwoopIO

extension DownloadSession {
    /// Says what bounded a download, if that was asked for and there was one.
    func explain(_ item: DownloadItem, _ outcome: TransferRun.Outcome) {
        guard presentation.explains, case .success(let result) = outcome, !result.wasSkipped else { return }
        var circumstances = Explanation.Circumstances()
        circumstances.processorSeconds = ProcessTime.processorSeconds
        circumstances.rateLimit = client.rateLimit
        circumstances.mostConnections = item.request.options.connectionCount
        let explanation = Explanation(result.account, circumstances)
        if presentation.writesEvents { return console.output(ExplainText.json(explanation, id: item.number)) }
        for line in ExplainText.lines(explanation, result.account) { console.error(line + "\n") }
    }
}
