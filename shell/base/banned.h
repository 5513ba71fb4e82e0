/* Included before every source file of the shell (-include). It names the traps that the project
 * does without; the system headers come first so that their own declarations stay whole. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* clang-format off */
#define BANNED(name) banned_function_##name##_see_base_banned_h
#undef strcpy
#define strcpy(...) BANNED(strcpy)
#undef strcat
#define strcat(...) BANNED(strcat)
#undef strncpy
#define strncpy(...) BANNED(strncpy)
#undef strncat
#define strncat(...) BANNED(strncat)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef strtok
#define strtok(...) BANNED(strtok)
#undef atoi
#define atoi(...) BANNED(atoi)
#undef atol
#define atol(...) BANNED(atol)
#undef system
#define system(...) BANNED(system)
#undef popen
#define popen(...) BANNED(popen)
#undef tmpnam
#define tmpnam(...) BANNED(tmpnam)
#undef mktemp
#define mktemp(...) BANNED(mktemp)
#undef gmtime
#define gmtime(...) BANNED(gmtime)
#undef localtime
#define localtime(...) BANNED(localtime)
#undef alloca
#define alloca(...) BANNED(alloca)
#undef sleep
#define sleep(...) BANNED(sleep)
#undef usleep
#define usleep(...) BANNED(usleep)
/* clang-format on */
#endif
