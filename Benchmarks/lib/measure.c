// SPDX-License-Identifier: Apache-2.0
// measure DESCRIPTOR COMMAND [ARGUMENT...]
//
// Runs one command and writes "wall user sys peak_kib status" to the descriptor: seconds, seconds, seconds, KiB, and
// the exit code (or 128 + signal). It is C, not Python, because Linux carries the peak RSS of the process that called
// exec over into the new program: a Python parent would put a floor of some 15 MiB under every figure; this one's
// floor is 1.5 MiB.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv) {
    int report = argc > 2 ? atoi(argv[1]) : 0;
    if (report < 3 || fcntl(report, F_SETFD, FD_CLOEXEC) != 0) {
        fprintf(stderr, "usage: measure DESCRIPTOR COMMAND [ARGUMENT...]\n");
        return 2;
    }
    double begin = now();
    pid_t child = fork();
    if (child < 0) {
        perror("measure: fork");
        return 1;
    }
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child) {
        perror("measure: wait4");
        return 1;
    }
    double wall = now() - begin;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    double user = seconds(usage.ru_utime), system = seconds(usage.ru_stime);
    dprintf(report, "%.6f %.6f %.6f %ld %d\n", wall, user, system, usage.ru_maxrss, code);
    return 0;
}
