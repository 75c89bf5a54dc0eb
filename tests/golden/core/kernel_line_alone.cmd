# Without the instruction there is less to say, and without an address in the first page nothing.
abiscope core --kernel-line 'app[1]: segfault at 18 ip 401136 sp 7ffe3f1c5a30 error 6 in app[401000+1000]' || echo "exit code $?"
abiscope core --kernel-line 'app[1]: segfault at 7f1234567018 ip 401136 sp 7ffe3f1c5a30 error 4 in app[401000+1000]' || echo "exit code $?"
