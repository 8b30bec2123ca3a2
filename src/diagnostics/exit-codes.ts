/** As shells say it of a program that Ctrl-C ended: 128 and the number of SIGINT. */
export const INTERRUPTED = 130;
