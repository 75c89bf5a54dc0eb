// A loader of shared libraries that forgets a table of relocations. Arguments: the library, the function, the table that is left out.
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned long base;

static void apply(const Elf64_Rela *r, unsigned long bytes, const Elf64_Sym *symbols) {
    for (unsigned long i = 0; i < bytes / sizeof *r; i++) {
        unsigned long *place = (unsigned long *)(base + r[i].r_offset), symbol = base + symbols[ELF64_R_SYM(r[i].r_info)].st_value;
        switch (ELF64_R_TYPE(r[i].r_info)) {
            case R_X86_64_RELATIVE: *place = base + (unsigned long)r[i].r_addend; break;
            case R_X86_64_64: *place = symbol + (unsigned long)r[i].r_addend; break;
            case R_X86_64_GLOB_DAT:
            case R_X86_64_JUMP_SLOT: *place = symbol; break;
        }
    }
}

static void apply_packed(const unsigned long *words, unsigned long bytes) {
    unsigned long *place = 0;
    for (unsigned long i = 0; i < bytes / 8; i++) {
        if ((words[i] & 1) == 0) {
            place = (unsigned long *)(base + words[i]);
            *place++ += base;
            continue;
        }
        for (int bit = 0; bit < 63; bit++) {
            if (words[i] >> (bit + 1) & 1) place[bit] += base;
        }
        place += 63;
    }
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    int file = open(argv[1], O_RDONLY);
    static char head[4096];
    if (pread(file, head, sizeof head, 0) < 64) return 2;
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)head;
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(head + header->e_phoff);
    base = (unsigned long)mmap(0, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const Elf64_Dyn *dynamic = 0;
    for (int i = 0; i < header->e_phnum; i++) {
        const Elf64_Phdr *s = segments + i;
        if (s->p_type == PT_DYNAMIC) dynamic = (const Elf64_Dyn *)(base + s->p_vaddr);
        if (s->p_type != PT_LOAD) continue;
        unsigned long start = s->p_vaddr & ~4095UL, end = (s->p_vaddr + s->p_filesz + 4095) & ~4095UL;
        int protection = PROT_READ | (s->p_flags & PF_W ? PROT_WRITE : 0) | (s->p_flags & PF_X ? PROT_EXEC : 0);
        mmap((void *)(base + start), end - start, protection, MAP_PRIVATE | MAP_FIXED, file, (off_t)(s->p_offset & ~4095UL));
    }
    unsigned long value[64] = {0}, relr = 0, relr_size = 0;
    for (const Elf64_Dyn *d = dynamic; d->d_tag != DT_NULL; d++) {
        if (d->d_tag > 0 && d->d_tag < 64) value[d->d_tag] = d->d_un.d_val;
        if (d->d_tag == 36) relr = d->d_un.d_val;
        if (d->d_tag == 35) relr_size = d->d_un.d_val;
    }
    const Elf64_Sym *symbols = (const Elf64_Sym *)(base + value[DT_SYMTAB]);
    const char *names = (const char *)(base + value[DT_STRTAB]);
    if (strcmp(argv[3], "rela")) apply((const Elf64_Rela *)(base + value[DT_RELA]), value[DT_RELASZ], symbols);
    if (strcmp(argv[3], "jmprel") && value[DT_JMPREL]) apply((const Elf64_Rela *)(base + value[DT_JMPREL]), value[DT_PLTRELSZ], symbols);
    if (strcmp(argv[3], "relr") && relr) apply_packed((const unsigned long *)(base + relr), relr_size);
    unsigned count = ((const unsigned *)(base + value[DT_HASH]))[1];
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(names + symbols[i].st_name, argv[2])) continue;
        printf("%d\n", ((int (*)(long))(base + symbols[i].st_value))(argc - 4));
        return 3;
    }
    return 2;
}
