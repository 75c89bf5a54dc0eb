# A static library, and one whose members lie outside.
abiscope inspect --separate fixtures/other/libstatic.a fixtures/other/libthin.a
