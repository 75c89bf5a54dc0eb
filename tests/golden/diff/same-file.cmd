# Nothing is left to doubt of a file that is the other one, whatever it does not describe.
abiscope diff fixtures/elf/libgreet.so.1 fixtures/elf/libgreet.so.1
