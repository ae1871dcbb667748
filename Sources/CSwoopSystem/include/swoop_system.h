// SPDX-License-Identifier: Apache-2.0
// Linux calls that Swift's import of the C library lacks, or imports in a form that cannot be called.
//
// Unless said otherwise a function answers 0, or -1 with errno set. None of them retries on EINTR: Libc.swift does.
#ifndef SWOOP_SYSTEM_H
#define SWOOP_SYSTEM_H

#include <stdint.h>

// Allocates blocks for offset..<offset+length and extends the file if it is shorter: fallocate(2), mode 0.
int swoop_allocate(int fd, int64_t offset, int64_t length);

// Gives the blocks of offset..<offset+length back; the range reads as zeros and the file keeps its length.
int swoop_punch_hole(int fd, int64_t offset, int64_t length);

// Starts to write the file's dirty pages to the device and does not wait for them: sync_file_range(2).
int swoop_start_write_back(int fd);

// Waits until the file's dirty pages have been written, and fails if that failed; neither metadata nor the device's own
// cache are waited for: sync_file_range(2).
int swoop_wait_for_write_back(int fd);

// Makes everything in the file system of an open file durable: syncfs(2). Fails with EOPNOTSUPP where that is not known to
// reach the device; in memory there is nothing to do.
int swoop_sync_file_system(int fd);

// Raises the soft limit of open files to `wanted`, or to the hard limit if that is lower. Answers the soft limit, or 0 if
// it is unknown.
int64_t swoop_raise_open_file_limit(int64_t wanted);

// rename(2) that fails with EEXIST if the new name is taken: renameat2(2) with RENAME_NOREPLACE.
int swoop_rename_exclusive(const char *from, const char *to);

// Takes the exclusive flock(2) lock of an open file; fails with EWOULDBLOCK if another open file has it.
int swoop_try_lock(int fd);

// Opens a file in `directory` that has no name and vanishes when closed. Answers its descriptor, or -1.
int swoop_open_unnamed(const char *directory);

// What statvfs(3) and statfs(2) say about the file system that holds a path.
struct swoop_file_system {
    uint64_t total;      // bytes; 0 if the file system does not count
    uint64_t available;  // bytes that this user may still allocate
    uint64_t name_max;   // longest file name in bytes
    int is_memory;       // 1 if the files live in memory: tmpfs, ramfs
    int is_local;        // 1 if no call waits for another machine or a program: in memory, ext4, XFS, Btrfs, F2FS
};

int swoop_describe_file_system(const char *path, struct swoop_file_system *result);

// Catches SIGINT, SIGTERM and, unless it is ignored, SIGHUP from now on: the first one is a byte, its number, in a pipe whose
// reading end is answered; the next one ends the process with `status`. No signal is lost, however early it comes. Call it
// once.
int swoop_catch_stops(int status);

// Starts a program, found by PATH, in a session of its own: nothing to read, nobody who listens to what it prints, no other
// descriptors. `words` ends with NULL. Answers its process id, or -1 if it could not be started.
int swoop_spawn(char *const words[]);

#endif
