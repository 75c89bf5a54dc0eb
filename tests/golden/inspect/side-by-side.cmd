# Two formats, field by field, each row with what it means in either.
abiscope inspect fixtures/pe/console.exe fixtures/elf/go-program
