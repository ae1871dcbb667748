# SPDX-License-Identifier: Apache-2.0
"""What a partial and its journal hold, read without swoop's code: docs/format-journal.md."""

BLOCK = 4096
ZEROS = bytes(BLOCK)


def make_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = make_table()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


def records(journal):
    """The words of each record, up to the first line that is torn or damaged."""
    for line in journal.split(b"\n")[:-1]:
        checksum, _, payload = line.partition(b" ")
        if checksum != b"%08x" % crc32c(payload):
            return
        yield payload.decode("ascii").split(" ")


def is_sound(journal, length):
    """Whether a journal says what a partial of `length` bytes is to become."""
    first = next(records(journal), [""])
    return first[0] == "swoop-journal/1" and "length=%d" % length in first


def claims(journal, length):
    """The ranges that a journal claims of a partial of `length` bytes, merged; none if it proves nothing.

    Every claim counts: the kernel that it was written under still runs.
    """
    if not is_sound(journal, length):
        return []
    lines = list(records(journal))
    words = [word for line in lines[1:] if line[0] in ("written", "durable") for word in line[1:]]
    return merge(tuple(map(int, word.split("-"))) for word in words)


def merge(ranges):
    merged = []
    for lower, upper in sorted(ranges):
        if merged and lower <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(upper, merged[-1][1]))
        elif lower < upper:
            merged.append((lower, upper))
    return merged


def wrong_claim(data, ranges, known):
    """A claimed range that is not what a version has there; None if one version has all of them."""
    wrong = None
    for content in known:
        wrong = next((pair for pair in ranges if not agrees(data, content, *pair)), None)
        if wrong is None:
            return None
    return wrong


def agrees(data, content, lower, upper):
    return upper <= min(len(data), len(content)) and data[lower:upper] == content[lower:upper]


def foreign_byte(data, known):
    """The offset of the first byte that is neither zero nor any version's."""
    if data in known:
        return None
    for lower in range(0, len(data), BLOCK):
        block = data[lower:lower + BLOCK]
        if block == ZEROS[:len(block)] or any(block == content[lower:lower + BLOCK] for content in known):
            continue
        for index, byte in enumerate(block, lower):
            if byte and not any(index < len(content) and content[index] == byte for content in known):
                return index
    return None


def held(data, content):
    """How many bytes of a partial are those of `content`, to a block."""
    if data == content:
        return len(data)
    pairs = ((data[lower:lower + BLOCK], content[lower:lower + BLOCK]) for lower in range(0, len(data), BLOCK))
    return sum(len(block) for block, true in pairs if block == true)
