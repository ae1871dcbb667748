// SPDX-License-Identifier: Apache-2.0

extension StoreProfile {
    /// Every profile; the last is ``generic``.
    public static let all: [StoreProfile] = [
        aws, r2, gcs, b2, wasabi, minio, seaweedfs, ceph, scaleway, digitalocean, generic,
    ]

    /// Amazon S3.
    public static let aws = StoreProfile(
        name: "aws",
        title: "Amazon S3",
        hostSuffixes: ["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"],
        source: [
            "AWS docs \"Amazon S3 multipart upload limits\"",
            "AWS docs \"Checking object integrity in Amazon S3\"",
            "AWS docs \"How to prevent object overwrites with conditional writes\"",
            "AWS API reference \"CompleteMultipartUpload\": x-amz-mp-object-size",
        ]
    ) {
        $0.takesConditionalWrite = true
        $0.takesObjectSize = true
        $0.namesRegionInHost = true
        $0.isPathStyle = false
    }

    /// Cloudflare R2.
    public static let r2 = StoreProfile(
        name: "r2",
        title: "Cloudflare R2",
        hostSuffixes: ["r2.cloudflarestorage.com"],
        source: [
            "Cloudflare docs \"Multipart upload\": equal parts, 5 MiB to 5 GiB, 10,000",
            "Cloudflare docs \"Limits\": 5 MiB less for one upload, taken as the limit of a part too",
            "Cloudflare docs \"S3 API compatibility\": CRC32C is composite only, region auto",
            "Cloudflare docs \"Conditional operations\"",
        ]
    ) {
        $0.needsEqualParts = true
        $0.largestPart = 5_115 * mebibyte
        $0.takesConditionalWrite = true
        $0.defaultRegion = "auto"
    }

    /// Google Cloud Storage by its XML API with HMAC keys.
    public static let gcs = StoreProfile(
        name: "gcs",
        title: "Google Cloud Storage (interoperability)",
        hostSuffixes: ["storage.googleapis.com"],
        source: [
            "Google docs \"XML API multipart uploads\"",
            "Google docs \"Request preconditions\": writes take generations only, not If-None-Match",
        ]
    ) {
        $0.defaultRegion = "auto"
    }

    /// Backblaze B2.
    public static let b2 = StoreProfile(
        name: "b2",
        title: "Backblaze B2",
        hostSuffixes: ["backblazeb2.com"],
        source: [
            "Backblaze docs \"Call the S3-Compatible API\"",
            "Backblaze docs \"Large files\": 5 GB, taken as 5,000,000,000 bytes",
            "sathinduga/obsidian-s3-sync-and-backup#78: If-None-Match answers NotImplemented",
        ]
    ) {
        $0.largestPart = decimalLargestPart
        $0.namesRegionInHost = true
    }

    /// Wasabi.
    public static let wasabi = StoreProfile(
        name: "wasabi",
        title: "Wasabi",
        hostSuffixes: ["wasabisys.com"],
        source: [
            "Wasabi docs \"S3 API reference\": 5 GB, taken as 5,000,000,000 bytes",
            "no page on conditional writes was found: taken as not supported",
        ]
    ) {
        $0.largestPart = decimalLargestPart
        $0.namesRegionInHost = true
    }

    /// MinIO and AIStor.
    public static let minio = StoreProfile(
        name: "minio",
        title: "MinIO",
        hostSuffixes: ["min.io"],
        source: [
            "MinIO docs \"Thresholds and limits\"",
            "minio/minio cmd/object-multipart-handlers.go: preconditions at CompleteMultipartUpload",
        ]
    ) {
        $0.takesConditionalWrite = true
    }

    /// SeaweedFS.
    public static let seaweedfs = StoreProfile(
        name: "seaweedfs",
        title: "SeaweedFS",
        source: [
            "seaweedfs/seaweedfs#6548: checksum trailers were stored in the file",
            "seaweedfs/seaweedfs#7153: before 3.97 If-None-Match was ignored, so taken as not supported",
        ]
    )

    /// Ceph's object gateway.
    public static let ceph = StoreProfile(
        name: "ceph",
        title: "Ceph RGW",
        source: [
            "Ceph docs \"Ceph Object Gateway config reference\": rgw_multipart_part_upload_limit, rgw_max_put_size",
            "ceph/ceph#64830 brought conditions to CompleteMultipartUpload in 2025: taken as not supported",
        ]
    )

    /// Scaleway Object Storage.
    public static let scaleway = StoreProfile(
        name: "scaleway",
        title: "Scaleway",
        hostSuffixes: ["scw.cloud"],
        source: [
            "Scaleway docs \"Managing multipart uploads\": 1,000 parts of 5 MB to 5 GB",
            "Scaleway docs \"Using conditional writes\": the page leaves multipart open, so taken as not supported",
        ]
    ) {
        $0.mostParts = 1_000
        $0.largestPart = decimalLargestPart
        $0.defaultRegion = "fr-par"
        $0.namesRegionInHost = true
    }

    /// DigitalOcean Spaces.
    public static let digitalocean = StoreProfile(
        name: "digitalocean",
        title: "DigitalOcean Spaces",
        hostSuffixes: ["digitaloceanspaces.com"],
        source: [
            "DigitalOcean docs \"Spaces limits\": 5 GB, taken as 5,000,000,000 bytes",
            "DigitalOcean docs \"Spaces S3 compatibility\": no conditional writes named; signed for us-east-1",
        ]
    ) {
        $0.largestPart = decimalLargestPart
    }

    /// Any other store: only what all of them take.
    public static let generic = StoreProfile(
        name: "generic",
        title: "any other store",
        source: ["what every store above takes"]
    ) {
        $0.largestPart = decimalLargestPart
    }

    /// 5 GB where a page does not say whether that is 5 GiB.
    private static let decimalLargestPart: Int64 = 5_000_000_000

    private init(
        name: String,
        title: String,
        hostSuffixes: [String] = [],
        source: [String],
        with change: (inout StoreProfile) -> Void
    ) {
        self.init(name: name, title: title, hostSuffixes: hostSuffixes, source: source)
        change(&self)
    }
}
