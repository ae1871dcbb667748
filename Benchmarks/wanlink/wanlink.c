// SPDX-License-Identifier: Apache-2.0
// wanlink: a point-to-point WAN between two network namespaces.
//
// Opens one TUN device per namespace and relays IP packets between them with a
// propagation delay, a bandwidth cap behind a drop-tail queue, and random loss,
// each direction on its own thread. The kernel's real TCP runs on both ends, so
// congestion control, slow start and head-of-line blocking are the real ones.
//
// usage: wanlink CLIENT_NS SERVER_NS --delay-ms D --mbit R --loss P --queue-kib Q [--mtu M]
//   D  one-way delay in milliseconds (the RTT is 2*D)
//   R  bandwidth in Mbit/s from server to client; the other way is not capped
//   P  loss probability per packet from server to client, 0..1
//   Q  drop-tail queue in KiB from server to client
// Prints "ready" once both devices are up; runs until SIGTERM or SIGINT.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { RING = 1 << 16, MAX_PACKET = 65536 };

struct packet { int64_t due_ns; int len; unsigned char *bytes; };

struct direction {
    int in, out;
    int64_t delay_ns;
    double ns_per_byte;      // 0 when uncapped
    double loss;
    int64_t queue_bytes;     // drop-tail limit, counted as bytes not yet on the wire
    unsigned seed;
    struct packet *ring;
    unsigned head, tail;
    int64_t wire_free_ns;    // when the last queued byte will have left the queue
};

static volatile sig_atomic_t stopping;
static void on_signal(int s) { (void)s; stopping = 1; }

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int open_tun(const char *name) {
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (fd < 0) { perror("/dev/net/tun"); exit(1); }
    struct ifreq request = {0};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, TUNSETIFF, &request) < 0) { perror("TUNSETIFF"); exit(1); }
    return fd;
}

static void accept_packet(struct direction *d, const unsigned char *bytes, int len) {
    int64_t now = now_ns();
    if (d->loss > 0 && (double)rand_r(&d->seed) / RAND_MAX < d->loss) return;
    if (d->wire_free_ns < now) d->wire_free_ns = now;
    if (d->ns_per_byte > 0) {
        double backlog = (double)(d->wire_free_ns - now) / d->ns_per_byte;
        if (backlog + len > (double)d->queue_bytes) return;
        d->wire_free_ns += (int64_t)(len * d->ns_per_byte);
    }
    if (d->head - d->tail >= RING) return;
    struct packet *p = &d->ring[d->head++ % RING];
    p->due_ns = d->wire_free_ns + d->delay_ns;
    p->len = len;
    p->bytes = malloc((size_t)len);
    memcpy(p->bytes, bytes, (size_t)len);
}

static void *relay(void *argument) {
    struct direction *d = argument;
    static __thread unsigned char buffer[MAX_PACKET];
    while (!stopping) {
        for (int i = 0; i < 64; i++) {
            ssize_t n = read(d->in, buffer, sizeof buffer);
            if (n <= 0) break;
            accept_packet(d, buffer, (int)n);
        }
        int64_t now = now_ns();
        while (d->tail != d->head && d->ring[d->tail % RING].due_ns <= now) {
            struct packet *p = &d->ring[d->tail % RING];
            if (write(d->out, p->bytes, (size_t)p->len) < 0 && errno == EAGAIN) break;
            free(p->bytes);
            d->tail++;
        }
        int64_t wait = 20000000;
        if (d->tail != d->head) wait = d->ring[d->tail % RING].due_ns - now_ns();
        if (wait < 0) wait = 0;
        struct pollfd fd = { .fd = d->in, .events = POLLIN };
        struct timespec timeout = { .tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000 };
        ppoll(&fd, 1, &timeout, NULL);
    }
    return NULL;
}

static void shell(const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (system(line) != 0) { fprintf(stderr, "wanlink: failed: %s\n", line); exit(1); }
}

int main(int argc, char **argv) {
    if (argc < 3) { fprintf(stderr, "usage: wanlink CLIENT_NS SERVER_NS --delay-ms D --mbit R --loss P --queue-kib Q [--mtu M]\n"); return 2; }
    double delay_ms = 20, mbit = 0, loss = 0;
    int queue_kib = 1024, mtu = 1500;
    for (int i = 3; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--delay-ms")) delay_ms = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--mbit")) mbit = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--loss")) loss = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--queue-kib")) queue_kib = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--mtu")) mtu = atoi(argv[i + 1]);
        else { fprintf(stderr, "wanlink: unknown option %s\n", argv[i]); return 2; }
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    int client = open_tun("wanc"), server = open_tun("wans");
    shell("ip link set wanc netns %s && ip netns exec %s sh -c 'ip addr add 10.77.0.2/30 dev wanc && ip link set wanc mtu %d up txqueuelen 10000'", argv[1], argv[1], mtu);
    shell("ip link set wans netns %s && ip netns exec %s sh -c 'ip addr add 10.77.0.1/30 dev wans && ip link set wans mtu %d up txqueuelen 10000'", argv[2], argv[2], mtu);
    struct direction down = { .in = server, .out = client, .delay_ns = (int64_t)(delay_ms * 1e6), .ns_per_byte = mbit > 0 ? 8000.0 / mbit : 0, .loss = loss, .queue_bytes = (int64_t)queue_kib * 1024, .seed = 1, .ring = calloc(RING, sizeof(struct packet)) };
    struct direction up = { .in = client, .out = server, .delay_ns = (int64_t)(delay_ms * 1e6), .seed = 2, .ring = calloc(RING, sizeof(struct packet)) };
    printf("ready\n");
    fflush(stdout);
    pthread_t a, b;
    pthread_create(&a, NULL, relay, &down);
    pthread_create(&b, NULL, relay, &up);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    return 0;
}
