# Four columns, in a hurry.
abiscope inspect --brief fixtures/elf/static fixtures/elf/c-program fixtures/pe/console.exe fixtures/macho/program
