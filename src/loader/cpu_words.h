// The words of memory in which a program keeps what its CPU can do, as they are on a CPU that lacks something. x86 only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "disasm/code.h"
#include "disasm/features.h"
#include "disasm/known_bits.h"
#include "elf/image.h"
#include "elf/sections.h"

namespace abiscope::loader {

class CpuWords {
public:
    // By their symbols: libgcc's and compiler-rt's __cpu_model, OpenSSL's OPENSSL_ia32cap_P, glibc's struct cpu_features.
    CpuWords(const elf::Image& image, const std::vector<elf::Section>& sections, const disasm::FeatureSet& lacking);

    [[nodiscard]] bool is_model(std::uint64_t address) const;

    [[nodiscard]] disasm::KnownBits load(std::uint64_t address, unsigned size) const;

    // A function that executes CPUID stores `value` there on some CPU; `initial` is what the file holds.
    void expect(std::uint64_t address, unsigned size, const std::optional<disasm::KnownBits>& initial, const disasm::KnownBits& value);

    // And this is what it stores on this CPU.
    void learn(std::uint64_t address, unsigned size, const disasm::KnownBits& value);

    // What follows from other words is in this one, as long as nobody takes its address. False when something else is known of it.
    [[nodiscard]] bool derive(std::uint64_t address, unsigned size, const disasm::KnownBits& value);

    // A stripped program has no symbol for glibc's struct cpu_features: two words of CPUID as far apart as there tell where it lies.
    void find_glibc();

    // Of words that are the same on every CPU nothing is kept.
    void drop_constants();

    // Not every store was seen.
    void unlearn();

    // Something else was stored there: nothing is known of it any more. False when nothing was.
    bool forget(std::uint64_t address, unsigned size, const disasm::KnownBits& value);

    // An address is taken: of words that were derived and lie less than `before` bytes behind it nothing is known any more. False when
    // nothing was.
    bool forget_derived(std::uint64_t address, std::uint64_t before);

    // All of which something is known.
    [[nodiscard]] std::vector<disasm::AddressRange> ranges() const;

private:
    struct Learned {
        unsigned size = 0;
        disasm::KnownBits value;
        disasm::KnownBits anywhere;     // what is known of it on whatever CPU
        bool derived = false;
    };
    void set_model(std::uint64_t address, unsigned first, unsigned count);
    void set_openssl(std::uint64_t address);
    void set_glibc(std::uint64_t address);

    const disasm::FeatureSet& lacking_;
    std::map<std::uint64_t, std::uint32_t> models_;     // bits that are zero, by the address of the word
    std::map<std::uint64_t, std::uint32_t> library_;    // the same of glibc's own
    std::map<std::uint64_t, Learned> learned_;
    std::set<std::pair<std::uint64_t, std::uint32_t>> stored_;     // address and zero bits of words stored by what executes CPUID
};

}  // namespace abiscope::loader
