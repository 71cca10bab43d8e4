#ifndef SOKUHO_RENDER_SANDBOX_H
#define SOKUHO_RENDER_SANDBOX_H

/*
 * From here on: no file is opened, no socket made, no process started; reading and writing of what is open, memory within
 * a limit, time within a limit. False when the system does not grant it (errno says why): then nothing may be rendered.
 */
int sandbox_enter(void);

#endif
