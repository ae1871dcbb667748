// SPDX-License-Identifier: Apache-2.0

/// Documents and parts of documents for the Metalink tests.
enum MetalinkDocuments {
    static let md5 = String(repeating: "a1", count: 16)
    static let sha1 = String(repeating: "b2", count: 20)
    static let sha256 = String(repeating: "c3", count: 32)
    static let sha512 = String(repeating: "d4", count: 64)

    /// A version 4 document around `content`.
    static func four(_ content: String) -> String {
        "<metalink xmlns='urn:ietf:params:xml:ns:metalink'>\(content)</metalink>"
    }

    /// A version 4 document with one file around `content`.
    static func file(_ content: String, name: String = "f") -> String {
        four("<file name='\(name)'>\(content)</file>")
    }

    /// A version 3 document with one file around `content`.
    static func three(_ content: String) -> String {
        "<metalink version='3.0' xmlns='http://www.metalinker.org/'><files><file name='f'>\(content)</file></files>"
            + "</metalink>"
    }

    /// Everything that RFC 5854 has, in two files.
    static let complete = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- made by hand -->
        <metalink xmlns="urn:ietf:params:xml:ns:metalink" xmlns:x="http://example.org/extension">
          <generator>hand/1.0</generator>
          <origin dynamic="true">http://example.org/all.meta4</origin>
          <published>2024-05-15T12:23:23Z</published>
          <file name="disk.img">
            <identity>Disk</identity>
            <version>1.0</version>
            <language>en</language>
            <description>An image &amp; more</description>
            <copyright>nobody</copyright>
            <size>2500</size>
            <hash type="md5">\(md5)</hash>
            <hash type="sha-256">\(sha256)</hash>
            <hash type="whirlpool">00</hash>
            <pieces length="1000" type="sha-1">
              <hash>\(sha1)</hash>
              <hash>\(sha1)</hash>
              <hash>\(sha1)</hash>
            </pieces>
            <pieces length="2000" type="sha-256">
              <hash>\(sha256)</hash>
              <hash>
                \(sha256.uppercased())
              </hash>
            </pieces>
            <signature mediatype="application/pgp-signature"><![CDATA[-----BEGIN PGP SIGNATURE-----]]></signature>
            <url location="NZ" priority="20">http://nz.example.org/disk.img?a=1&amp;b=2</url>
            <url location="de" priority="1">
              https://de.example.org/disk.img
            </url>
            <url>http://any.example.org/disk.img</url>
            <url priority="2">ftp://ftp.example.org/disk.img</url>
            <url priority="30">http://nz.example.org/disk.img?a=1&amp;b=2</url>
            <metaurl mediatype="torrent" priority="1">http://example.org/disk.img.torrent</metaurl>
            <x:hash type="sha-256">\(md5)</x:hash>
            <x:url>http://evil.example.org/disk.img</x:url>
          </file>
          <file name="docs/notes.txt">
            <url>http://any.example.org/notes.txt</url>
          </file>
        </metalink>
        """

    /// A mirror list as Fedora's service makes them, with an older version of the file in an element of its own.
    static let mirrorList = """
        <?xml version="1.0" encoding="utf-8"?>
        <metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic"
         pubdate="Wed, 15 May 2024 08:00:00 GMT"
         xmlns:mm0="http://fedorahosted.org/mirrormanager">
         <files>
          <file name="repomd.xml">
           <mm0:timestamp>1715760000</mm0:timestamp>
           <size>2500</size>
           <verification>
            <hash type="md5">\(md5)</hash>
            <hash type="sha512">\(sha512)</hash>
            <pieces length="1000" type="sha1">
             <hash piece="0">\(sha1)</hash>
             <hash piece="1">\(sha1)</hash>
             <hash piece="2">\(sha1)</hash>
            </pieces>
           </verification>
           <mm0:alternates>
            <mm0:alternate>
             <size>2400</size>
             <verification><hash type="md5">\(sha1.prefix(32))</hash></verification>
            </mm0:alternate>
           </mm0:alternates>
           <resources maxconnections="1">
            <url protocol="https" type="https" location="SE" preference="99">https://se.example.org/repomd.xml</url>
            <url protocol="http" type="http" location="US" preference="100">http://us.example.org/repomd.xml</url>
            <url protocol="rsync" type="rsync" location="US" preference="100">rsync://us.example.org/repomd.xml</url>
            <url type="bittorrent" preference="100">http://us.example.org/repomd.torrent</url>
            <url>http://any.example.org/repomd.xml</url>
           </resources>
          </file>
         </files>
        </metalink>
        """
}
