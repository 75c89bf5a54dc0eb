# A file that comes through a pipe.
cat fixtures/elf/static | abiscope inspect --brief -
