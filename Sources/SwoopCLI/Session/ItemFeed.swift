// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore

/// The items of a run in order: the command line's URLs, then the list's, less what is others' share or done already.
struct ItemFeed: Sendable {
    /// What comes next.
    enum Entry: Sendable {
        case item(DownloadItem)
        /// An item that cannot be begun.
        case fault(number: Int64, ListFault)
        /// Something to tell, once.
        case warning(String)
        /// An item that the manifest has as done.
        case alreadyDone
    }

    private let template: ItemTemplate
    private var urls: ArraySlice<TransferRequest>
    private var list: ListSource?
    private let shard: Shard
    private let done: Set<ItemKey>
    private var position: Int64 = 0
    private var waiting: [Entry] = []
    private var told: Int
    private var claims: Set<UInt64> = []

    /// Makes a feed.
    ///
    /// - Parameters:
    ///   - template: for the list's items.
    ///   - urls: the downloads of the command line.
    ///   - list: read as the feed is, lazily.
    ///   - shard: which of the items are this process's.
    ///   - done: keys of items to leave out.
    ///   - told: how many of the list's ignored options have been told already.
    init(
        template: ItemTemplate,
        urls: [TransferRequest],
        list: ListSource? = nil,
        shard: Shard = .whole,
        done: Set<ItemKey> = [],
        told: Int = 0
    ) {
        self.template = template
        self.urls = urls[...]
        self.list = list
        self.shard = shard
        self.done = done
        self.told = told
    }

    /// What comes next; `nil` at the end, and in a cancelled task.
    mutating func next() async -> Entry? {
        while !Task.isCancelled {
            if !waiting.isEmpty { return waiting.removeFirst() }
            guard let candidate = await candidate() else { return waiting.isEmpty ? nil : waiting.removeFirst() }
            defer { position += 1 }
            guard shard.contains(position) else { continue }
            waiting.append(entry(candidate))
        }
        return nil
    }

    private enum Candidate {
        case request(TransferRequest)
        case fault(ListFault)
    }

    private mutating func candidate() async -> Candidate? {
        if let request = urls.popFirst() { return .request(request) }
        guard let next = await list?.next() else {
            warn()
            return nil
        }
        warn()
        switch next {
        case .success(let item): return .request(template.request(item))
        case .failure(let fault): return .fault(fault)
        }
    }

    private mutating func entry(_ candidate: Candidate) -> Entry {
        switch candidate {
        case .fault(let fault): return .fault(number: position + 1, fault)
        case .request(let request):
            if let lack = template.lack(of: request) {
                return .fault(number: position + 1, ListFault(message: lack))
            }
            var item = DownloadItem(number: position + 1, request: request)
            if !done.isEmpty, done.contains(item.key) { return .alreadyDone }
            refuseTwice(&item)
            return .item(item)
        }
    }

    private mutating func warn() {
        guard let ignored = list?.ignored, ignored.count > told else { return }
        waiting.append(.warning(Self.warning(ignored[told...])))
        told = ignored.count
    }

    /// What is said of options that mean nothing.
    static func warning(_ options: some Collection<String>) -> String {
        "options of aria2 that mean nothing here are ignored: " + options.joined(separator: ", ")
    }

    /// Where files may be replaced, none of this run may: of two items with one target the second finds it taken.
    private mutating func refuseTwice(_ item: inout DownloadItem) {
        guard item.request.options.existingTarget == .overwrite, let path = item.provisionalPath else { return }
        let isNew = claims.insert(ItemKey(url: "", target: path).bits).inserted
        if !isNew { item.request.options.existingTarget = .refuse }
    }
}
