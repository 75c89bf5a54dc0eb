# A note asks for x86-64-v3 and promises IBT and SHSTK.
abiscope inspect --only requires,hardening fixtures/elf/needs-v3
