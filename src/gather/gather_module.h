/* gather_module: what the module gives to gather.c, by name. */
#pragma once

/* 0, or -EIO. */
typedef int (*gather_open_function)(int *rank, int *size);
typedef char **(*gather_texts_function)(const char *text);
typedef void (*gather_close_function)(void);

int gather_module_open(int *rank, int *size);
char **gather_module_texts(const char *text);
void gather_module_close(void);
