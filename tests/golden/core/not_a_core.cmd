abiscope core fixtures/elf/c-program 2>&1 || exit $?
