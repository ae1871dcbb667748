# SPDX-License-Identifier: Apache-2.0
"""hf.py URL OUT: hf_transfer with 8 requests at a time of 32 MiB, as its own users drive it."""

import sys

import hf_transfer

hf_transfer.download(url=sys.argv[1], filename=sys.argv[2], max_files=8, chunk_size=32 << 20)
