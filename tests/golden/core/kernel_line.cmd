# The line and its code: the register follows from the address.
abiscope core --kernel-line '[54273.780113] app[29314]: segfault at 18 ip 0000555feec8f1f5 sp 00007ffd29c23fb0 error 4 in app[11f5,555feec8f000+1000] likely on CPU 0 (core 0, socket 0)
[54273.780127] Code: 5d c3 55 48 89 e5 48 89 7d f8 48 8b 45 f8 <8b> 40 18 5d c3 55 48 89 e5'
