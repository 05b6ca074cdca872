/*
 * The folder that a path leads to.
 */
#ifndef SERVER_SHELL_PATH_H
#define SERVER_SHELL_PATH_H

/* The folder of a file, with a slash at its end unless it is the current one; heap, or NULL. */
char *path_folder(const char *path);

/* Whether a file may be made there, as far as its folder tells: 0, or -1 with errno. */
int path_can_make(const char *path);

/* Makes a new name in the folder of a file outlive a crash, where the file system can do that. */
void path_sync_folder(const char *path);

#endif
