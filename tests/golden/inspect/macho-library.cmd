# A dylib.
abiscope inspect fixtures/macho/libgreet.dylib
