// SPDX-License-Identifier: Apache-2.0
// multi URL OUT CONNECTIONS [CA_FILE]
//
// The bare loop that Swoop is measured against: one thread, libcurl's multi interface, each connection taking the next
// 32 MiB range over a kept-alive connection, every chunk written at its offset from the write callback. No journal, no
// retries, no digest: what is left is the practical cost of moving the bytes. (libcurl hands over at most 16 KiB per
// callback, whatever CURLOPT_BUFFERSIZE says about its reads.)
#define _GNU_SOURCE
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { buffer_size = 512 << 10, max_connections = 256 };
static const curl_off_t range_size = 32 << 20;

struct connection {
    CURL *easy;
    int file;
    curl_off_t at, end;  // the next offset to write, and the first one that is no longer ours
};

static void die(const char *what, const char *why) {
    fprintf(stderr, "multi: %s: %s\n", what, why);
    exit(1);
}

static size_t on_body(char *bytes, size_t one, size_t count, void *context) {
    struct connection *c = context;
    long status = 0;
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 206) die("transfer", "the server does not answer with 206");
    if ((curl_off_t)count > c->end - c->at) die("transfer", "the body is longer than the range");
    for (size_t done = 0; done < count * one;) {
        ssize_t n = pwrite(c->file, bytes + done, count * one - done, c->at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return 0;
        done += (size_t)n;
        c->at += n;
    }
    return count * one;
}

static CURL *new_easy(const char *url, const char *ca) {
    CURL *easy = curl_easy_init();
    if (!easy) die("libcurl", "cannot make a handle");
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)buffer_size);
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (ca) curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
    return easy;
}

static curl_off_t length_of(const char *url, const char *ca) {
    CURL *easy = new_easy(url, ca);
    curl_off_t length = -1;
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    CURLcode code = curl_easy_perform(easy);
    if (code != CURLE_OK) die(url, curl_easy_strerror(code));
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length < 0) die(url, "the server does not say how long it is");
    curl_easy_cleanup(easy);
    return length;
}

/// Gives the connection the next range; false when all of them are taken.
static int take_next(CURLM *multi, struct connection *c, curl_off_t *next, curl_off_t length) {
    if (*next >= length) return 0;
    char range[64];
    c->at = *next;
    c->end = length - *next < range_size ? length : *next + range_size;
    *next = c->end;
    snprintf(range, sizeof range, "%" CURL_FORMAT_CURL_OFF_T "-%" CURL_FORMAT_CURL_OFF_T, c->at, c->end - 1);
    curl_easy_setopt(c->easy, CURLOPT_RANGE, range);
    curl_multi_add_handle(multi, c->easy);
    return 1;
}

/// Checks what has ended and gives those connections their next range; returns how many went idle.
static int collect(CURLM *multi, curl_off_t *next, curl_off_t length) {
    int idle = 0, left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        struct connection *c = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&c);
        if (code != CURLE_OK) die("transfer", curl_easy_strerror(code));
        if (c->at != c->end) die("transfer", "the body is shorter than the range");
        curl_multi_remove_handle(multi, easy);
        idle += !take_next(multi, c, next, length);
    }
    return idle;
}

static void transfer(struct connection *connections, int count, curl_off_t length) {
    CURLM *multi = curl_multi_init();
    curl_off_t next = 0;
    int busy = 0, running = 0;
    if (!multi) die("libcurl", "cannot make a multi handle");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)count);
    for (int i = 0; i < count; i++) busy += take_next(multi, &connections[i], &next, length);
    while (busy > 0) {
        CURLMcode code = curl_multi_perform(multi, &running);
        busy -= collect(multi, &next, length);
        if (code == CURLM_OK && busy > 0) code = curl_multi_poll(multi, NULL, 0, 1000, NULL);
        if (code != CURLM_OK) die("libcurl", curl_multi_strerror(code));
    }
    for (int i = 0; i < count; i++) curl_easy_cleanup(connections[i].easy);
    curl_multi_cleanup(multi);
}

int main(int argc, char **argv) {
    int count = argc == 4 || argc == 5 ? atoi(argv[3]) : 0;
    if (count < 1 || count > max_connections) {
        fprintf(stderr, "usage: multi URL OUT CONNECTIONS(1...%d) [CA_FILE]\n", max_connections);
        return 2;
    }
    const char *url = argv[1], *ca = argc == 5 ? argv[4] : NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) die("libcurl", "cannot start");
    curl_off_t length = length_of(url, ca);
    int file = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0 || ftruncate(file, length) != 0) die(argv[2], strerror(errno));
    struct connection connections[max_connections];
    for (int i = 0; i < count; i++) {
        struct connection *c = &connections[i];
        *c = (struct connection){.easy = new_easy(url, ca), .file = file};
        curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
        curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
    }
    transfer(connections, count, length);
    if (close(file) != 0) die(argv[2], strerror(errno));
    curl_global_cleanup();
    return 0;
}
