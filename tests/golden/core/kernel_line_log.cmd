# Several, from a log.
abiscope core --kernel-line - <<'LOG' || echo "exit code $?"
Nov 27 01:02:03 host kernel: control[29320]: segfault at 0 ip 0000000000000000 sp 00007ffd940491a8 error 14 likely on CPU 1 (core 1, socket 0)
Nov 27 01:02:03 host kernel: Code: Unable to access opcode bytes at 0xffffffffffffffd6.
Nov 27 01:02:04 host kernel: audit: type=1326 audit(1795745070.379:65): pid=22565 comm="a" sig=31
Nov 27 01:02:05 host kernel: traps: b[22582] trap int3 ip:555669a59633 sp:7fffcf7641a8 error:0 in b[1633,555669a59000+1000]
Nov 27 01:02:06 host kernel: traps: c[7] general protection fault ip:55fff8b2f720 sp:7ffef4cd3318 error:0 in c[1720,55fff8b2f000+1000]
LOG
