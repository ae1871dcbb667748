// SPDX-License-Identifier: Apache-2.0

// Requests and results are made of the core's values, so that `import Swoop` is all an embedding program writes. Swift
// has no stable way to say this; the attribute is what swift-nio's umbrella module uses.
@_exported public import SwoopCore
