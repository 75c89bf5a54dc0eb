# Programs that are not Go's, and a file that is no program.
abiscope go fixtures/elf/c-program fixtures/pe/console.exe fixtures/macho/program fixtures/elf/go-tables-alone fixtures/other/script || echo $?
