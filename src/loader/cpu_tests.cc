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
#include "disasm/function_starts.h"
#include "disasm/plain_functions.h"
#include "disasm/references.h"
#include "elf/relocations.h"
#include "elf/spec.h"
#include "elf/symbols.h"

namespace abiscope::loader {

namespace {

using disasm::KnownBits;

constexpr std::uint32_t sht_rela = 4, sht_rel = 9;      // gABI chapter 4, "sh_type"
constexpr std::uint64_t most_words = std::uint64_t{1} << 23;   // of data that are looked at for addresses of functions
constexpr std::uint64_t before_word = 128;              // a structure starts no further before the word, which is one of its members
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

    // Not every store was seen.
    void unlearn() {
        for (auto& [address, word] : learned_) word.value = {};
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

    [[nodiscard]] std::vector<disasm::AddressRange> ranges() const {
        std::vector<disasm::AddressRange> out;
        out.reserve(models_.size() + library_.size() + learned_.size());
        for (const auto& [address, bits] : models_) out.push_back({address, 4});
        for (const auto& [address, bits] : library_) out.push_back({address, 4});
        for (const auto& [address, word] : learned_) {
            if (!(word.value == KnownBits{})) out.push_back({address, word.size});
        }
        return out;
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

// The aligned words of `data` but those that are zero, `left` at the most.
template <typename Word, typename Visit>
void each_word(View data, std::uint64_t address, Endian order, std::uint64_t& left, Visit visit) {
    std::span<const std::byte> bytes = data.bytes();
    std::size_t at = (sizeof(Word) - address % sizeof(Word)) % sizeof(Word);
    for (; at + sizeof(Word) <= bytes.size() && left != 0; at += sizeof(Word), --left) {
        auto value = load<Word>(bytes.data() + at, order);
        if (value != 0) visit(address + at, std::uint64_t{value});
    }
}

struct Pointers {
    std::set<std::uint64_t> resolvers;      // IFUNC: called to say which function is meant
    std::vector<std::uint64_t> functions;   // named by data
    std::vector<std::uint64_t> handles;     // that hold their own address: __dso_handle, which crtbegin.o puts in front of all data
};

Pointers pointers_of(const elf::Image& image, const std::vector<elf::Section>& sections, const disasm::FunctionStarts& starts) {
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
                (addend == relocation.offset ? out.handles : out.functions).push_back(addend);
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
        View bytes = image.bytes().clamped(segment.offset, segment.filesz);
        auto visit = [&](std::uint64_t address, std::uint64_t value) {
            if (value == address) out.handles.push_back(address);
            if (starts.at(value) && !resolver_slots.contains(address)) out.functions.push_back(value);
        };
        if (wide) each_word<std::uint64_t>(bytes, segment.vaddr, image.encoding().order, left, visit);
        else each_word<std::uint32_t>(bytes, segment.vaddr, image.encoding().order, left, visit);
    }
    std::ranges::sort(out.handles);
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

// What functions return that execute CPUID or look at what those left behind.
class Results {
public:
    void add(std::uint64_t function, const KnownBits& value) {
        auto [known, added] = values_.try_emplace(function, value);
        if (!added) known->second = known->second.met(value);
    }

    [[nodiscard]] KnownBits of(std::uint64_t function) const {
        auto found = values_.find(function);
        return found == values_.end() ? KnownBits{} : found->second;
    }

private:
    std::map<std::uint64_t, KnownBits> values_;
};

// The functions that execute CPUID, by address.
std::vector<std::uint64_t> askers_of(const disasm::Code& code, const disasm::Sweep& sweep) {
    std::vector<std::uint64_t> askers;
    for (const disasm::Probe& probe : sweep.probes) {
        if (probe.function && probe.kind == disasm::Probe::Kind::cpuid && probe.trust != disasm::Trust::doubtful)
            askers.push_back(code.functions()[*probe.function].address);
    }
    std::ranges::sort(askers);
    askers.erase(std::ranges::unique(askers).begin(), askers.end());
    return askers;
}

// What lies in memory and in the register for a result when they come back. The walks leave the functions to no others.
class Lessons {
public:
    Lessons(const disasm::Code& code, const disasm::Decoder& decoder, const disasm::FeatureSet& lacking, CpuWords& words)
        : code_(code), decoder_(decoder), lacking_(lacking), words_(words) {}

    // Where `askers` store anything, on whatever CPU, and then what it is on this one.
    void learn_words(const elf::Image& image, std::span<const std::uint64_t> askers) {
        disasm::LackingWalkOptions options;
        options.enter_calls = false;
        options.world.stored = [&](std::uint64_t address, unsigned size, const KnownBits&) {
            words_.expect(address, size, initial_value(image, address, size));
        };
        static_cast<void>(disasm::walk_lacking(code_, decoder_, askers, options));
        options = on_this_cpu();
        options.world.stored = [&](std::uint64_t address, unsigned size, const KnownBits& value) { words_.learn(address, size, value); };
        if (!walk_twice(askers, options)) words_.unlearn();
    }

    // `functions` look at those words.
    void learn_results(std::span<const std::uint64_t> functions) {
        results_ = {};
        static_cast<void>(walk_twice(functions, on_this_cpu()));
    }

    [[nodiscard]] KnownBits result_of(std::uint64_t function) const { return results_.of(function); }

private:
    [[nodiscard]] disasm::LackingWalkOptions on_this_cpu() const {
        disasm::LackingWalkOptions options;
        options.enter_calls = false;
        options.world.lacking = lacking_;
        options.world.load = [this](std::uint64_t address, unsigned size) { return words_.load(address, size); };
        options.result = [this](std::uint64_t function) { return results_.of(function); };
        return options;
    }

    // What is looked at first may depend on what is looked at later. False, and no results, when not every way was seen.
    [[nodiscard]] bool walk_twice(std::span<const std::uint64_t> functions, disasm::LackingWalkOptions options) {
        bool whole = true;
        for (int i = 0; i < 2; ++i) {
            Results next;
            options.returned = [&](std::uint64_t function, const KnownBits& value) { next.add(function, value); };
            whole &= disasm::walk_lacking(code_, decoder_, functions, options).whole;
            results_ = whole ? next : Results{};
        }
        return whole;
    }

    const disasm::Code& code_;
    const disasm::Decoder& decoder_;
    const disasm::FeatureSet& lacking_;
    CpuWords& words_;
    Results results_;
};

std::vector<disasm::FunctionRole> roles_of(const disasm::Code& code, const disasm::FunctionStarts& starts, const disasm::Sweep& sweep,
                                           const disasm::References& references, const std::set<std::uint64_t>& resolvers,
                                           const disasm::FeatureSet& lacking) {
    using disasm::FunctionRole;
    std::vector<FunctionRole> roles(code.functions().size());
    for (std::uint32_t function : references.watching()) roles[function] = FunctionRole::tests;
    for (const disasm::Probe& probe : sweep.probes) {
        if (probe.function) roles[*probe.function] = FunctionRole::tests;
    }
    for (std::uint64_t resolver : resolvers) {
        if (auto function = starts.at(resolver)) roles[*function] = FunctionRole::tests;
    }
    for (const disasm::FunctionUse& use : sweep.functions) {
        if (use.function && (use.features.meets(lacking) || use.doubtful.meets(lacking))) roles[*use.function] = FunctionRole::uses;
    }
    return roles;
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
                                        const disasm::Sweep& sweep, std::span<const std::uint64_t> starts,
                                        const disasm::FeatureSet& lacking) {
    auto decoder = disasm::Decoder::create(code.architecture(), code.order());
    if (!decoder) return {.uses = {}, .whole = false, .instructions = 0};
    CpuWords words(image, sections, lacking);
    std::vector<std::uint64_t> askers = askers_of(code, sweep);
    Lessons lessons(code, *decoder, lacking, words);
    lessons.learn_words(image, askers);
    words.find_glibc();

    disasm::FunctionStarts functions(code);
    Pointers pointers = pointers_of(image, sections, functions);
    bool static_program = !image.interpreter() && (!image.dynamic() || !image.dynamic()->value(elf::dt_needed));
    std::vector<std::uint64_t> roots(starts.begin(), starts.end());
    bool has_library = false;
    for (std::uint64_t resolver : pointers.resolvers) {
        bool of_library = static_program && is_of_library(code, *decoder, resolver, words);
        has_library |= of_library;
        if (!of_library) roots.push_back(resolver);
    }

    disasm::LackingWalkOptions options;
    options.world.lacking = lacking;
    options.world.load = [&](std::uint64_t address, unsigned size) { return words.load(address, size); };
    options.resolver = [&](std::uint64_t address) { return pointers.resolvers.contains(address); };
    options.result = [&](std::uint64_t function) { return lessons.result_of(function); };
    // A word that others write too says nothing of the CPU.
    bool forgot = false;
    options.world.stored = [&](std::uint64_t address, unsigned size, const KnownBits& value) {
        forgot |= words.forget(address, size, value);
    };
    options.forgot = [&] {
        if (forgot) lessons.learn_results(askers);
        return std::exchange(forgot, false);
    };
    for (const disasm::FeatureUse& use : sweep.uses) {
        if (lacking.contains(use.feature) && use.count + use.doubtful != 0) options.sought.insert(use.feature);
    }
    auto references = disasm::References::find(code, functions,
                                               {.absolute = image.header().type == elf::et_exec,
                                                .watched = words.ranges(),
                                                .dead_ends = disasm::dead_ends(code, *decoder),
                                                .apart = pointers.handles,
                                                .before = before_word});
    std::optional<disasm::PlainFunctions> plain;
    if (references) {
        for (std::uint32_t function : references->watching()) askers.push_back(code.functions()[function].address);
        lessons.learn_results(askers);
        plain.emplace(code, *references, roles_of(code, functions, sweep, *references, pointers.resolvers, lacking));
        options.plain = &*plain;
    }
    for (std::uint64_t pointer : pointers.functions) {
        auto function = functions.at(pointer);
        if (function && plain && plain->contains(*function)) plain->reach(*function);
        else if (functions.spans(pointer)) roots.push_back(pointer);
    }
    disasm::LackingWalk walk = disasm::walk_lacking(code, *decoder, roots, options);
    // Lock elision: glibc asks for RTM once and keeps the answer in the kind of each mutex (sysdeps/x86/elision-conf.c).
    if (has_library) std::erase_if(walk.uses, [](const disasm::LackingUse& use) { return use.feature == disasm::Feature::rtm; });
    return walk;
}

}  // namespace abiscope::loader
