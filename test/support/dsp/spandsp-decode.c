/* Prints the digits that SpanDSP's DTMF receiver reports, one "DIGIT SAMPLE" line each; SAMPLE counts what the receiver
 * had consumed. Reads raw mono 16 bit little endian samples at 8 kHz from standard input.
 *
 *   spandsp-decode [--benchmark REPEATS | --relaxed]
 *
 * --relaxed takes pairs with up to 20 dB of twist and down to -55 dBm0, as somebody who searches for remnants would.
 * With --benchmark it prints the receiver's CPU time in nanoseconds per sample instead, fed 20 ms at a time. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <spandsp.h>

static long consumed;

static void on_report(void *user, int digit, int level, int delay)
{
    (void) user; (void) level; (void) delay;
    if (digit)
        printf("%c %ld\n", digit, consumed);
}

static int16_t *read_all(long *count)
{
    size_t capacity = 1 << 16, length = 0, got;
    char *bytes = malloc(capacity);
    while (bytes && (got = fread(bytes + length, 1, capacity - length, stdin)) > 0)
        if ((length += got) == capacity)
            bytes = realloc(bytes, capacity *= 2);
    *count = (long) (length / 2);
    return (int16_t *) bytes;
}

int main(int argc, char **argv)
{
    long count, repeats = argc == 3 && !strcmp(argv[1], "--benchmark") ? atol(argv[2]) : 0;
    int16_t *samples = read_all(&count);
    dtmf_rx_state_t *receiver = dtmf_rx_init(NULL, NULL, NULL);

    if (!samples || !receiver)
        return 1;
    if (argc == 2 && !strcmp(argv[1], "--relaxed"))
        dtmf_rx_parms(receiver, -1, 20, 20, -55);
    if (repeats > 0) {
        clock_t start = clock();
        for (long r = 0; r < repeats; r++)
            for (long at = 0; at + 160 <= count; at += 160)
                dtmf_rx(receiver, samples + at, 160);
        printf("%.3f\n", (double) (clock() - start) / CLOCKS_PER_SEC * 1e9 / ((double) (count / 160 * 160) * repeats));
        return 0;
    }
    /* Sample by sample, so that the report's time is exact. */
    dtmf_rx_set_realtime_callback(receiver, on_report, NULL);
    for (long at = 0; at < count; at++) {
        consumed = at + 1;
        dtmf_rx(receiver, samples + at, 1);
    }
    return 0;
}
