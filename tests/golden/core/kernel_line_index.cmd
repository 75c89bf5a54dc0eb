# A register of 0 before an offset of megabytes is an index into memory at a fixed address as well as a null pointer; behind a small offset it is none.
abiscope core --kernel-line "$(printf 'app[1]: segfault at 408008 ip 40142c sp 7ffc624654e0 error 4 in app[401000+2000]\nCode: 90 90 90 90 <0f> b6 80 08 80 40 00 c3')" || echo "exit code $?"
abiscope core --kernel-line "$(printf 'app[1]: segfault at 402010 ip 40142c sp 7ffc624654e0 error 7 in app[401000+2000]\nCode: 90 90 90 90 <c6> 80 10 20 40 00 01 c3')" || echo "exit code $?"
abiscope core --kernel-line "$(printf 'app[1]: segfault at 8008 ip 40142c sp 7ffc624654e0 error 4 in app[401000+2000]\nCode: 90 90 90 90 <0f> b6 80 08 80 00 00 c3')" || echo "exit code $?"
