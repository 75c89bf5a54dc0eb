// Whether a program comes to code that its CPU cannot execute: tests of the CPU are followed as they would go there. x86 only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "disasm/code.h"
#include "disasm/features.h"
#include "disasm/lacking_walk.h"
#include "disasm/sweep.h"
#include "elf/image.h"
#include "elf/relocations.h"
#include "elf/sections.h"
#include "loader/go_functions.h"

namespace abiscope::loader {

// Those the loader applies, and in a static program, which has no dynamic section, those that its own start code does.
[[nodiscard]] std::vector<elf::RelocationRange> program_relocations(const elf::Image& image, const std::vector<elf::Section>& sections);

// `starts`: addresses of functions that every start executes. What counts as a test: bits of CPUID in registers, of libgcc's and
// compiler-rt's __cpu_model, of OpenSSL's OPENSSL_ia32cap_P, and of words into which the functions that execute CPUID put what follows from
// it, and of words that follow from those. Uses in `go` count as tested. The resolvers of a static C library choose by more than features
// (which copy is fast); they are trusted.
[[nodiscard]] disasm::LackingWalk walk_on_lacking_cpu(const elf::Image& image, const std::vector<elf::Section>& sections,
                                                      const disasm::Code& code, const disasm::Sweep& sweep,
                                                      std::span<const std::uint64_t> starts, const disasm::FeatureSet& lacking,
                                                      const GoStandardCode& go);

}  // namespace abiscope::loader
