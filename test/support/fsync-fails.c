/* Preloaded into PostgreSQL by test/scenarios/fsync-fails.long.test.ts: while the file FSYNC_FAILS names is there, every
 * flush fails with EIO, as on a disk that has lost a sector. Nothing else is touched. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failing(void) {
  const char *flag = getenv("FSYNC_FAILS");
  return flag != NULL && access(flag, F_OK) == 0;
}

int fsync(int fd) {
  if (failing()) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
  if (failing()) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(SYS_fdatasync, fd);
}
