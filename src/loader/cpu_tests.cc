#include "loader/cpu_tests.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/checked.h"
#include "bytes/reader.h"
#include "disasm/cpuid_bits.h"
#include "disasm/decoder.h"
#include "elf/relocations.h"
#include "elf/spec.h"
#include "elf/symbols.h"

namespace abiscope::loader {

namespace {

using disasm::KnownBits;

constexpr std::uint32_t sht_rela = 4, sht_rel = 9;      // gABI chapter 4, "sh_type"
constexpr std::uint64_t most_words = std::uint64_t{1} << 23;   // of data that are looked at for addresses of functions
constexpr std::size_t most_resolver = 2000;             // instructions

// The words of memory in which a program keeps what the CPU can do.
class CpuWords {
public:
    CpuWords(const elf::Image& image, const std::vector<elf::Section>& sections, const disasm::FeatureSet& lacking) : lacking_(lacking) {
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

    [[nodiscard]] bool is_model(std::uint64_t address) const {
        auto word = models_.upper_bound(address);
        return word != models_.begin() && address - std::prev(word)->first < 4;
    }

    [[nodiscard]] KnownBits load(std::uint64_t address, unsigned size) const {
        if (auto named = bits_in(models_, address, size)) return {*named, 0};
        if (auto named = bits_in(library_, address, size)) return {*named, 0};
        auto word = learned_.upper_bound(address);
        if (word == learned_.begin()) return {};
        --word;
        std::uint64_t from = address - word->first;
        if (from >= word->second.size || size > word->second.size - from) return {};
        return {word->second.value.zero >> from * 8, word->second.value.one >> from * 8};
    }

    // A function that executes CPUID stores something there on some CPU; `initial` is what the file holds.
    void expect(std::uint64_t address, unsigned size, const std::optional<KnownBits>& initial) {
        if (initial && size != 0 && size <= 8 && !is_model(address)) learned_.try_emplace(address, Learned{size, *initial});
    }

    // And this is what it stores on this CPU.
    void learn(std::uint64_t address, unsigned size, const KnownBits& value) {
        if (size == 4) stored_.emplace(address, static_cast<std::uint32_t>(value.zero));
        auto word = learned_.find(address);
        if (word == learned_.end()) return;
        if (size != word->second.size) word->second.value = {};
        else word->second.value = word->second.value.met(value);
    }

    // A stripped program has no symbol for glibc's struct cpu_features: two words of CPUID as far apart as there tell where it lies.
    void find_glibc() {
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

    // Something else was stored there: nothing is known of it any more. False when nothing was.
    bool forget(std::uint64_t address, unsigned size, const KnownBits& value) {
        auto word = learned_.upper_bound(address + std::max(size, 1U) - 1);
        if (word == learned_.begin()) return false;
        --word;
        if (address >= word->first + word->second.size || word->second.value == KnownBits{}) return false;
        if (address == word->first && word->second.value.met(value) == word->second.value) return false;
        word->second.value = {};
        return true;
    }

private:
    struct Learned {
        unsigned size;
        KnownBits value;
    };

    void set_model(std::uint64_t address, unsigned first, unsigned count) {
        for (unsigned i = 0; i < count; ++i) models_[address + std::uint64_t{i} * 4] = disasm::cpu_model_zero_bits(first + i, lacking_);
    }

    void set_openssl(std::uint64_t address) {
        constexpr std::pair<unsigned, unsigned> words[] = {{0, 3}, {0, 2}, {1, 1}, {1, 2}};
        for (auto [leaf, reg] : words) {
            models_[address] = disasm::cpuid_zero_bits(leaf, reg, lacking_);
            address += 4;
        }
    }

    // glibc 2.33 and later, sysdeps/x86/include/cpu-features.h: struct cpu_features_basic, then each leaf as read and as usable.
    void set_glibc(std::uint64_t address) {
        constexpr unsigned basic = 20, leaves = 7;
        for (unsigned i = 0; i < leaves * 8; ++i)
            library_[address + basic + std::uint64_t{i} * 4] = disasm::cpuid_zero_bits(i / 8, i % 4, lacking_);
    }

    static std::optional<std::uint64_t> bits_in(const std::map<std::uint64_t, std::uint32_t>& words, std::uint64_t address, unsigned size) {
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

    const disasm::FeatureSet& lacking_;
    std::map<std::uint64_t, std::uint32_t> models_;     // bits that are zero, by the address of the word
    std::map<std::uint64_t, std::uint32_t> library_;    // the same of glibc's own
    std::map<std::uint64_t, Learned> learned_;
    std::set<std::pair<std::uint64_t, std::uint32_t>> stored_;     // address and zero bits of words stored by what executes CPUID
};

// What the file holds at an address that can be written.
std::optional<KnownBits> initial_value(const elf::Image& image, std::uint64_t address, unsigned size) {
    const elf::Segment* segment = image.load_segment_at(address);
    if (segment == nullptr) return std::nullopt;
    Reader reader(image.view_at(address, size), Endian::little, "data");
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size && reader.remaining() != 0; ++i) value |= std::uint64_t{reader.u8()} << i * 8;
    return KnownBits::of(value);
}

struct Pointers {
    std::set<std::uint64_t> resolvers;      // IFUNC: called to say which function is meant
    std::vector<std::uint64_t> functions;   // named by data
};

Pointers pointers_of(const elf::Image& image, const std::vector<elf::Section>& sections, const disasm::Code& code) {
    Pointers out;
    bool wide = image.encoding().wide;
    std::set<std::uint64_t> resolver_slots;
    elf::SymbolTable symbols = elf::dynamic_symbols(image);
    for (const elf::RelocationRange& range : program_relocations(image, sections)) {
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            elf::Relocation relocation = elf::relocation_at(image, range, i);
            elf::RelocationRole role = elf::role_of(image.header().machine, relocation.type);
            auto addend = static_cast<std::uint64_t>(relocation.addend);
            if (!range.with_addend)
                addend = Reader(image.view_at(relocation.offset, wide ? 8 : 4), image.encoding().order, "addend").word(wide);
            if (role == elf::RelocationRole::irelative) {
                out.resolvers.insert(addend);
                resolver_slots.insert(relocation.offset);
            } else if (role == elf::RelocationRole::relative) {
                out.functions.push_back(addend);
            } else if (relocation.symbol != 0 && relocation.symbol < symbols.size()) {
                elf::Symbol symbol = symbols.unnamed_at(relocation.symbol);
                if (!symbol.defined()) continue;
                if (symbols.type_at(relocation.symbol) == elf::stt_gnu_ifunc) out.resolvers.insert(symbol.value);
                else out.functions.push_back(symbol.value + addend);
            }
        }
    }
    // Of a library whatever it exports is called.
    bool library =
        image.header().type == elf::et_dyn && !image.interpreter() && image.dynamic() && (image.dynamic()->flags_1() & elf::df_1_pie) == 0;
    for (std::uint64_t i = 1; library && i < symbols.size(); ++i) {
        elf::Symbol symbol = symbols.unnamed_at(i);
        if (!symbol.defined()) continue;
        if (symbols.type_at(i) == elf::stt_gnu_ifunc) out.resolvers.insert(symbol.value);
        else if (symbol.type() == elf::stt_func) out.functions.push_back(symbol.value);
    }
    // Words of data that hold the address of a function: in programs that are not relocated, and those of DT_RELR.
    std::uint64_t left = most_words;
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type != elf::pt_load || segment.executable()) continue;
        Reader reader(image.bytes().clamped(segment.offset, segment.filesz), image.encoding().order, "data");
        std::uint64_t unit = wide ? 8 : 4;
        std::uint64_t lead = (unit - segment.vaddr % unit) % unit;
        reader.skip(std::min<std::uint64_t>(lead, reader.remaining()));
        for (std::uint64_t address = segment.vaddr + lead; reader.remaining() >= unit && left != 0; address += unit, --left) {
            std::uint64_t value = reader.word(wide);
            if (value == 0 || code.range_at(value) == nullptr || resolver_slots.contains(address)) continue;
            auto index = code.function_at(value);
            if (index && code.functions()[*index].address == value) out.functions.push_back(value);
        }
    }
    std::erase_if(out.functions, [&](std::uint64_t function) { return out.resolvers.contains(function); });
    return out;
}

// Whether a resolver is one of the C library's: it tests something, and neither libgcc's words nor CPUID.
bool is_of_library(const disasm::Code& code, const disasm::Decoder& decoder, std::uint64_t resolver, const CpuWords& words) {
    auto index = code.function_at(resolver);
    disasm::AddressRange extent = index ? code.extent(*index) : disasm::AddressRange{};
    // Of a function that nothing tells of, as far as it goes in a straight line.
    bool known = index && extent.address == resolver;
    View body = code.bytes_at(resolver);
    bool tests = false, ended = false;
    std::size_t left = most_resolver;
    for (std::uint64_t at = resolver; (known ? range_contains(extent.address, extent.size, at) : !ended) && left != 0; --left) {
        auto instruction = decoder.decode(body.from(at - resolver).bytes(), at, disasm::Syntax::none);
        if (!instruction) break;
        std::string_view m = instruction->mnemonic;
        tests |= instruction->flow.branch == disasm::BranchKind::conditional_jump || m.starts_with("cmov") || m.starts_with("set");
        ended = !instruction->flow.falls_through();
        if (m == "cpuid") return false;
        for (const disasm::Operand& operand : instruction->operands) {
            if (operand.kind == disasm::Operand::Kind::memory && operand.memory.address &&
                (words.is_model(*operand.memory.address) || words.is_model(*operand.memory.address + 12)))
                return false;
        }
        at += instruction->length();
    }
    return tests;
}

}  // namespace

std::vector<elf::RelocationRange> program_relocations(const elf::Image& image, const std::vector<elf::Section>& sections) {
    std::vector<elf::RelocationRange> ranges = elf::relocation_ranges(image);
    if (image.dynamic()) return ranges;
    // Only the symbols __rela_iplt_start and _end say where they are, and they lie in a section of their own.
    for (const elf::Section& section : sections) {
        if ((section.type != sht_rela && section.type != sht_rel) || (section.flags & elf::shf_alloc) == 0) continue;
        bool addend = section.type == sht_rela;
        std::uint64_t size = image.encoding().wide ? (addend ? 24 : 16) : (addend ? 12 : 8);
        ranges.push_back({.table = addend ? elf::RelocationTable::rela : elf::RelocationTable::rel,
                          .records = elf::section_bytes(image, section),
                          .with_addend = addend,
                          .whole = true,
                          .record_size = size});
    }
    return ranges;
}

disasm::LackingWalk walk_on_lacking_cpu(const elf::Image& image, const std::vector<elf::Section>& sections, const disasm::Code& code,
                                        std::span<const disasm::Probe> probes, std::span<const std::uint64_t> starts,
                                        const disasm::FeatureSet& lacking) {
    auto decoder = disasm::Decoder::create(code.architecture(), code.order());
    if (!decoder) return {.uses = {}, .whole = false, .instructions = 0};
    CpuWords words(image, sections, lacking);
    disasm::LackingWalkOptions options;
    options.world.lacking = lacking;
    options.world.load = [&](std::uint64_t address, unsigned size) { return words.load(address, size); };

    // First what the functions that execute CPUID leave behind.
    std::vector<std::uint64_t> asking;
    for (const disasm::Probe& probe : probes) {
        if (probe.function && probe.kind == disasm::Probe::Kind::cpuid && probe.trust != disasm::Trust::doubtful)
            asking.push_back(code.functions()[*probe.function].address);
    }
    std::ranges::sort(asking);
    asking.erase(std::ranges::unique(asking).begin(), asking.end());
    options.enter_calls = false;
    disasm::LackingWalkOptions any = options;
    any.world = {.lacking = {}, .load = {}, .stored = [&](std::uint64_t address, unsigned size, const KnownBits&) {
                     words.expect(address, size, initial_value(image, address, size));
                 }};
    static_cast<void>(disasm::walk_lacking(code, *decoder, asking, any));
    options.world.stored = [&](std::uint64_t address, unsigned size, const KnownBits& value) { words.learn(address, size, value); };
    // Twice: what is tested first may be stored by what is looked at later.
    for (int i = 0; i < 2; ++i) static_cast<void>(disasm::walk_lacking(code, *decoder, asking, options));
    words.find_glibc();

    Pointers pointers = pointers_of(image, sections, code);
    bool static_program = !image.interpreter() && (!image.dynamic() || !image.dynamic()->value(elf::dt_needed));
    std::vector<std::uint64_t> roots(starts.begin(), starts.end());
    roots.insert(roots.end(), pointers.functions.begin(), pointers.functions.end());
    bool has_library = false;
    for (std::uint64_t resolver : pointers.resolvers) {
        bool of_library = static_program && is_of_library(code, *decoder, resolver, words);
        has_library |= of_library;
        if (!of_library) roots.push_back(resolver);
    }
    options.enter_calls = true;
    options.resolver = [&](std::uint64_t address) { return pointers.resolvers.contains(address); };
    // A word that others write too says nothing of the CPU; then everything is looked at again.
    constexpr int most_rounds = 4;
    for (int round = 0;; ++round) {
        bool forgot = false;
        options.world.stored = [&](std::uint64_t address, unsigned size, const KnownBits& value) {
            forgot |= words.forget(address, size, value);
        };
        disasm::LackingWalk walk = disasm::walk_lacking(code, *decoder, roots, options);
        // Lock elision: glibc asks for RTM once and keeps the answer in the kind of each mutex (sysdeps/x86/elision-conf.c).
        if (has_library) std::erase_if(walk.uses, [](const disasm::LackingUse& use) { return use.feature == disasm::Feature::rtm; });
        if (!forgot || !walk.whole) return walk;
        if (round == most_rounds) {
            walk.whole = false;
            return walk;
        }
    }
}

}  // namespace abiscope::loader
