// The load address of the program, which both loaders work out from AT_PHDR and PT_PHDR (glibc, elf/rtld.c; musl, ldso/dynlink.c).
#pragma once

#include <cstdint>

#include "elf/image.h"

namespace abiscope::loader {

// Whether what is loaded at an address is what lies at that place of the file.
[[nodiscard]] bool lies_where_it_says(const elf::Image& image, std::uint64_t vaddr, std::uint64_t offset);

// False: a PT_PHDR, of which the last counts, is not the address of the program headers.
[[nodiscard]] bool headers_lie_where_they_say(const elf::Image& image);

}  // namespace abiscope::loader
