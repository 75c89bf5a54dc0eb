# A preload that is ignored: the program runs with and without it, and the rest of the list stays. Variables that make the loader list or explain instead of starting.
abiscope check fixtures/elf/go-cgo-program --target debian:12/amd64 --env LD_PRELOAD=libm.so.6:/nonexistent/libabsent.so || true
abiscope check fixtures/elf/go-cgo-program --target debian:12/amd64 --env LD_TRACE_LOADED_OBJECTS=1 --env LD_DEBUG=libs,help || true
