#include "loader/cpu_words.h"

#include <algorithm>
#include <string_view>

#include "disasm/cpuid_bits.h"
#include "elf/symbols.h"

namespace abiscope::loader {

using disasm::KnownBits;

namespace {

std::optional<std::uint64_t> bits_in(const std::map<std::uint64_t, std::uint32_t>& words, std::uint64_t address, unsigned size) {
    std::optional<std::uint64_t> bits;
    for (unsigned i = 0; i < size; ++i) {
        auto word = words.upper_bound(address + i);
        if (word == words.begin() || address + i - std::prev(word)->first >= 4) continue;
        --word;
        std::uint64_t byte = word->second >> (address + i - word->first) * 8 & 0xff;
        bits = bits.value_or(0) | byte << i * 8;
    }
    return bits;
}

}  // namespace

CpuWords::CpuWords(const elf::Image& image, const std::vector<elf::Section>& sections, const disasm::FeatureSet& lacking)
    : lacking_(lacking) {
    for (const elf::SymbolTable& symbols : {elf::static_symbols(image, sections), elf::dynamic_symbols(image)}) {
        for (std::uint64_t i = 1; i < symbols.size(); ++i) {
            std::string_view name = symbols.name_at(i);
            if (!name.starts_with("__cpu_") && !name.starts_with("OPENSSL_ia32") && name != "_dl_x86_cpu_features") continue;
            std::uint64_t address = symbols.unnamed_at(i).value;
            if (address == 0) continue;
            // struct __processor_model: vendor, type, subtype, then the first word of features.
            if (name == "__cpu_model") set_model(address + 12, 0, 1);
            else if (name == "__cpu_features2") set_model(address, 1, 3);
            // OPENSSL_ia32cap(3): leaf 1's EDX and ECX, leaf 7's EBX and ECX.
            else if (name == "OPENSSL_ia32cap_P") set_openssl(address);
            else if (name == "_dl_x86_cpu_features") set_glibc(address);
        }
    }
}

bool CpuWords::is_model(std::uint64_t address) const {
    auto word = models_.upper_bound(address);
    return word != models_.begin() && address - std::prev(word)->first < 4;
}

KnownBits CpuWords::load(std::uint64_t address, unsigned size) const {
    if (auto named = bits_in(models_, address, size)) return {*named, 0};
    if (auto named = bits_in(library_, address, size)) return {*named, 0};
    auto word = learned_.upper_bound(address);
    if (word == learned_.begin()) return {};
    --word;
    std::uint64_t from = address - word->first;
    if (from >= word->second.size || size > word->second.size - from) return {};
    return {word->second.value.zero >> from * 8, word->second.value.one >> from * 8};
}

void CpuWords::expect(std::uint64_t address, unsigned size, const std::optional<KnownBits>& initial, const KnownBits& value) {
    if (!initial || size == 0 || size > 8 || is_model(address)) return;
    auto [word, added] = learned_.try_emplace(address, Learned{.size = size, .value = *initial, .anywhere = *initial, .derived = false});
    word->second.anywhere = word->second.anywhere.met(value);
}

void CpuWords::drop_constants() {
    std::erase_if(learned_, [](const auto& word) { return word.second.value == word.second.anywhere; });
}

void CpuWords::learn(std::uint64_t address, unsigned size, const KnownBits& value) {
    if (size == 4) stored_.emplace(address, static_cast<std::uint32_t>(value.zero));
    auto word = learned_.find(address);
    if (word == learned_.end()) return;
    if (size != word->second.size) word->second.value = {};
    else word->second.value = word->second.value.met(value);
}

bool CpuWords::derive(std::uint64_t address, unsigned size, const KnownBits& value) {
    auto next = learned_.upper_bound(address + size - 1);
    if (is_model(address) || (next != learned_.begin() && address < std::prev(next)->first + std::prev(next)->second.size)) return false;
    learned_.emplace(address, Learned{.size = size, .value = value, .anywhere = {}, .derived = true});
    return true;
}

void CpuWords::find_glibc() {
    struct Pair {
        unsigned leaf, reg;             // the first word
        std::uint64_t apart;            // of the second: leaf 7's EBX or ECX
        unsigned second_reg;
        std::uint64_t before;           // of the first, from the start of the structure
    };
    constexpr Pair pairs[] = {{0, 2, 28, 1, 28}, {1, 1, 4, 2, 56}};
    if (!library_.empty()) return;
    for (const Pair& pair : pairs) {
        std::uint32_t first = disasm::cpuid_zero_bits(pair.leaf, pair.reg, lacking_);
        std::uint32_t second = disasm::cpuid_zero_bits(1, pair.second_reg, lacking_);
        if (first == 0 || second == 0) continue;
        for (auto [address, zero] : stored_) {
            if (zero != first || !stored_.contains({address + pair.apart, second})) continue;
            set_glibc(address - pair.before);
            return;
        }
    }
}

void CpuWords::unlearn() {
    for (auto& [address, word] : learned_) word.value = {};
}

bool CpuWords::forget(std::uint64_t address, unsigned size, const KnownBits& value) {
    auto word = learned_.upper_bound(address + std::max(size, 1U) - 1);
    if (word == learned_.begin()) return false;
    --word;
    if (address >= word->first + word->second.size || word->second.value == KnownBits{}) return false;
    if (address == word->first && word->second.value.met(value) == word->second.value) return false;
    word->second.value = {};
    return true;
}

bool CpuWords::forget_derived(std::uint64_t address, std::uint64_t before) {
    bool some = false;
    for (auto word = learned_.lower_bound(address); word != learned_.end() && word->first - address < before; ++word) {
        if (!word->second.derived || word->second.value == KnownBits{}) continue;
        word->second.value = {};
        some = true;
    }
    return some;
}

std::vector<disasm::AddressRange> CpuWords::ranges() const {
    std::vector<disasm::AddressRange> out;
    out.reserve(models_.size() + library_.size() + learned_.size());
    for (const auto& [address, bits] : models_) out.push_back({address, 4});
    for (const auto& [address, bits] : library_) out.push_back({address, 4});
    for (const auto& [address, word] : learned_) {
        if (!(word.value == KnownBits{})) out.push_back({address, word.size});
    }
    return out;
}

void CpuWords::set_model(std::uint64_t address, unsigned first, unsigned count) {
    for (unsigned i = 0; i < count; ++i) models_[address + std::uint64_t{i} * 4] = disasm::cpu_model_zero_bits(first + i, lacking_);
}

void CpuWords::set_openssl(std::uint64_t address) {
    constexpr std::pair<unsigned, unsigned> words[] = {{0, 3}, {0, 2}, {1, 1}, {1, 2}};
    for (auto [leaf, reg] : words) {
        models_[address] = disasm::cpuid_zero_bits(leaf, reg, lacking_);
        address += 4;
    }
}

// glibc 2.33 and later, sysdeps/x86/include/cpu-features.h: struct cpu_features_basic, then each leaf as read and as usable.
void CpuWords::set_glibc(std::uint64_t address) {
    constexpr unsigned basic = 20, leaves = 7;
    for (unsigned i = 0; i < leaves * 8; ++i)
        library_[address + basic + std::uint64_t{i} * 4] = disasm::cpuid_zero_bits(i / 8, i % 4, lacking_);
}

}  // namespace abiscope::loader
