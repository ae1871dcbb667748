// SPDX-License-Identifier: Apache-2.0

import Foundation
import Swoop
import SwoopCore
import SwoopTestKit
import Testing

@testable import SwoopCLI

@Suite("Item feed", .timeLimit(.minutes(10)))
struct ItemFeedTests {
    private static let template = ItemTemplate(
        options: TransferOptions(),
        http: HTTPOptions(),
        destination: .directory("d")
    )

    private func entries(
        _ list: String,
        urls: [String] = [],
        template: ItemTemplate = template,
        shard: Shard = .whole,
        done: Set<ItemKey> = []
    ) async throws -> [ItemFeed.Entry] {
        try await withTemporaryDirectory { directory in
            try list.write(toFile: directory + "/list", atomically: false, encoding: .utf8)
            var feed = ItemFeed(
                template: template,
                urls: urls.map(template.request),
                list: try ListSource(directory + "/list"),
                shard: shard,
                done: done
            )
            var entries: [ItemFeed.Entry] = []
            while let entry = await feed.next() { entries.append(entry) }
            return entries
        }
    }

    private func items(_ entries: [ItemFeed.Entry]) -> [DownloadItem] {
        entries.compactMap { if case .item(let item) = $0 { item } else { nil } }
    }

    @Test("has the command line's URLs first, then the list's, numbered")
    func order() async throws {
        let items = items(try await entries("http://h/b\nhttp://h/c\thttp://m/c\n", urls: ["http://h/a"]))
        #expect(items.map(\.request.url) == ["http://h/a", "http://h/b", "http://h/c"])
        #expect(items.map(\.number) == [1, 2, 3])
        #expect(items.map(\.request.mirrors) == [[], [], ["http://m/c"]])
    }

    @Test("an item's own options go before the command line's")
    func options() async throws {
        var template = Self.template
        template.options.existingTarget = .skip
        template.options.connections = 9
        template.http.fields.add("A", "1")
        template.http.userAgent = "me"
        let list = """
            http://h/a
              out=x/y
              header=B: 2
              split=3
              allow-overwrite=true
              checksum=md5=00112233445566778899aabbccddeeff
            http://h/b
              dir=/e/
              out=z
              continue=false
            http://h/c
              dir=f
            """
        let requests = items(try await entries(list, template: template)).map(\.request)
        #expect(requests.map(\.destination) == [.file("d/x/y"), .file("/e/z"), .directory("f")])
        #expect(requests.map(\.options.connections) == [3, 9, 9])
        #expect(requests.map(\.options.existingTarget) == [.overwrite, .skip, .skip])
        #expect(requests.map(\.options.resume) == [true, false, true])
        #expect(requests.map { $0.options.expectedDigest != nil } == [true, false, false])
        #expect(requests.map { $0.http.fields.pairs.count } == [2, 1, 1])
        #expect(requests.allSatisfy { $0.http.userAgent == "me" })
    }

    @Test("shares have every item once, those with mistakes too", arguments: 1...5)
    func shards(count: Int64) async throws {
        let list = "http://h/a\nbad\nhttp://h/b\nhttp://h/c\nhttp://h/d\n nonsense\nhttp://h/e\n"
        var numbers: [Int64] = []
        for index in 0..<count {
            let shard = try #require(Shard(index: index, count: count))
            for entry in try await entries(list, urls: ["http://h/0"], shard: shard) {
                switch entry {
                case .item(let item): numbers.append(item.number)
                case .fault(let number, _): numbers.append(number)
                default: Issue.record("unexpected")
                }
            }
        }
        #expect(numbers.sorted() == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test("leaves out what is done")
    func done() async throws {
        let key = DownloadItem(number: 9, request: Self.template.request("http://h/b")).key
        let entries = try await entries("http://h/a\nhttp://h/b\nhttp://h/c", done: [key])
        #expect(items(entries).map(\.request.url) == ["http://h/a", "http://h/c"])
        #expect(entries.count { if case .alreadyDone = $0 { true } else { false } } == 1)
    }

    @Test("says where a mistake is, and which options mean nothing, once")
    func faults() async throws {
        let entries = try await entries("http://h/a\n gid=1\nbad\nhttp://h/b\n gid=2\n")
        let said = entries.compactMap { entry in
            switch entry {
            case .fault(let number, let fault):
                "\(number) \(fault.place?.split(separator: "/").last ?? "")"
            case .warning(let text): text
            default: nil
            }
        }
        #expect(said == ["options of aria2 that mean nothing here are ignored: gid", "2 list:3"])
    }

    @Test("where files may be replaced, one of this run may not")
    func twice() async throws {
        var template = Self.template
        template.options.existingTarget = .overwrite
        let list = "http://h/a\nhttp://g/a\nhttp://h/b\n out=a\nhttp://h/c"
        let items = items(try await entries(list, template: template))
        #expect(items.map(\.request.options.existingTarget) == [.overwrite, .refuse, .refuse, .overwrite])
    }
}
