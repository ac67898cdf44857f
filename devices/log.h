/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_LOG_H
#define DEVICES_LOG_H

/*
 * The one sink through which anything speaks that is not a command's own output. Library code logs
 * at LOG_DEBUG only; main and ui/ set the level and use the rest. A line is written with
 * write(2) and no allocation, so that it may be called between the first unbind and the jump.
 */

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines above level are dropped. Information goes to out_fd, the rest to err_fd; both are borrowed.
 * It starts as standard output and error at LOG_WARN. */
void log_setup(int out_fd, int err_fd, enum log_level level);
/* How long a line waits for a descriptor that does not block to take it, in milliseconds: 0, as it starts and
 * log_setup() has it, is not at all. Where one waited in vain nobody takes them any more, and no other waits. */
void log_wait(unsigned int ms);

/* The last error that was told, without "stillboot: "; "" if there was none. */
const char *log_last_error(void);
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)

#endif
