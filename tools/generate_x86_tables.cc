// Writes the fast path's tables (src/disasm/x86_tables.h) by asking Zydis about every opcode under every combination of prefixes.
//
//     generate_x86_tables OUTPUT
//
// An opcode and ModRM byte is vouched for only when every sample of what may vary around it (segment prefixes, the low bits of REX,
// SIB, displacement and immediate bytes) gives the same length and the same needs.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "disasm/x86_isa.h"
#include "disasm/x86_tables.h"

namespace {

using namespace abiscope::disasm;
using namespace abiscope::disasm::x86;

using Bytes = std::vector<std::uint8_t>;

// What a sample found: how long opcode and immediate are, and what the instruction needs.
struct Shape {
    unsigned length = 0;
    bool has_modrm = false;
    NeedsCode needs = 0;

    friend bool operator==(const Shape&, const Shape&) = default;
};

struct Around {
    std::vector<Bytes> before;          // everything in front of the opcode
    ZydisInstructionEncoding encoding;
    ZydisOpcodeMap map;
};

constexpr std::uint8_t sib_samples[] = {0x24, 0x25, 0x05, 0xfd, 0x98, 0x6d};
constexpr std::uint8_t fill_samples[] = {0x00, 0xff, 0x90, 0x41, 0xc5};

std::optional<Shape> sample(const PlainDecoder& decoder, const Around& around, const Bytes& before, unsigned opcode, unsigned byte,
                            unsigned sib, unsigned fill) {
    Bytes bytes = before;
    std::size_t start = bytes.size();
    bytes.push_back(static_cast<std::uint8_t>(opcode));
    bytes.push_back(static_cast<std::uint8_t>(byte));
    bytes.push_back(static_cast<std::uint8_t>(sib));
    bytes.resize(32, static_cast<std::uint8_t>(fill));
    ZydisDecodedInstruction instruction;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder.zydis(), nullptr, bytes.data(), bytes.size(), &instruction))) return {};
    if (instruction.encoding != around.encoding || instruction.opcode_map != around.map || instruction.opcode != opcode) return {};
    Measure measure = decoder.measure(instruction);
    if (measure.landmark != Landmark::none) return {};
    Shape shape{.length = static_cast<unsigned>(measure.length - start),
                .has_modrm = (instruction.attributes & ZYDIS_ATTRIB_HAS_MODRM) != 0,
                .needs = measure.code};
    if (shape.has_modrm) {
        unsigned tail = tail_length(modrm, byte);
        shape.length -= tail & 0x7f;
        if ((tail & sib_base_bit) != 0 && (sib & 7) == 5) shape.length -= 4;
    }
    return shape;
}

// The shape that every sample agrees on, or nothing.
std::optional<Shape> shape_of(const PlainDecoder& decoder, const Around& around, unsigned opcode, unsigned byte) {
    std::optional<Shape> common;
    std::size_t turns = std::max({around.before.size(), std::size(sib_samples), std::size(fill_samples)});
    for (std::size_t turn = 0; turn < turns; ++turn) {
        auto shape = sample(decoder, around, around.before[turn % around.before.size()], opcode, byte,
                            sib_samples[turn % std::size(sib_samples)], fill_samples[turn % std::size(fill_samples)]);
        if (!shape || (common && *shape != *common)) return {};
        common = shape;
    }
    return common;
}

class Tables {
public:
    Tables() { index_of(ModrmSet{}); }

    std::uint16_t index_of(const ModrmSet& set) {
        auto [it, fresh] = indices_.try_emplace(set, static_cast<std::uint16_t>(sets_.size()));
        if (fresh) sets_.push_back(set);
        return it->second;
    }

    [[nodiscard]] const std::vector<ModrmSet>& sets() const { return sets_; }

private:
    std::map<ModrmSet, std::uint16_t> indices_;
    std::vector<ModrmSet> sets_;
};

template <typename Key>
Key most_frequent(const std::map<Key, int>& counts) {
    return std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->first;
}

struct Entry {
    FastEntry fast = 0;
    KnownEntry known{};
};

// The group 3 opcodes (TEST, NOT, NEG, MUL...) have an immediate for two values of ModRM.reg only.
Tail tail_of(unsigned test_length, unsigned other_length) {
    switch (test_length - other_length) {
        case 1: return modrm_imm8_if_test;
        case 2: return modrm_imm16_if_test;
        case 4: return modrm_imm32_if_test;
        default: return modrm;
    }
}

Entry make_entry(Tables& tables, const PlainDecoder& decoder, const Around& around, unsigned opcode) {
    std::array<std::optional<Shape>, 256> shapes;
    for (unsigned byte = 0; byte < 256; ++byte) shapes[byte] = shape_of(decoder, around, opcode, byte);
    std::map<std::pair<bool, unsigned>, int> test_lengths;
    std::map<std::pair<bool, unsigned>, int> other_lengths;
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (!shapes[byte]) continue;
        auto& lengths = ((byte >> 3) & 7) < 2 ? test_lengths : other_lengths;
        ++lengths[{shapes[byte]->has_modrm, shapes[byte]->length}];
    }
    if (test_lengths.empty() && other_lengths.empty()) return {};
    auto other = most_frequent(other_lengths.empty() ? test_lengths : other_lengths);
    auto test = test_lengths.empty() ? other : most_frequent(test_lengths);
    Tail tail = other.first ? tail_of(test.second, other.second) : no_modrm;
    unsigned length = other.second;

    auto fits = [&](unsigned byte) {
        unsigned extra = (tail_length(tail, byte) & 0x7f) - (tail == no_modrm ? 0 : tail_length(modrm, byte) & 0x7f);
        return shapes[byte] && shapes[byte]->has_modrm == (tail != no_modrm) && shapes[byte]->length == length + extra;
    };
    std::map<NeedsCode, int> memory_needs;
    std::map<NeedsCode, int> register_needs;
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (fits(byte)) ++(byte < 0xc0 ? memory_needs : register_needs)[shapes[byte]->needs];
    }
    if (memory_needs.empty() && register_needs.empty()) return {};
    NeedsCode in_memory = most_frequent(memory_needs.empty() ? register_needs : memory_needs);
    NeedsCode in_register = most_frequent(register_needs.empty() ? memory_needs : register_needs);
    ModrmSet known{};
    ModrmSet plain{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (!fits(byte) || shapes[byte]->needs != (byte < 0xc0 ? in_memory : in_register)) continue;
        std::uint64_t bit = std::uint64_t{1} << (byte & 63);
        known[byte >> 6] |= bit;
        if (shapes[byte]->needs == 0) plain[byte >> 6] |= bit;
    }
    // Without ModRM the byte after the opcode is anything: all or nothing.
    constexpr ModrmSet all{~0ULL, ~0ULL, ~0ULL, ~0ULL};
    if (tail == no_modrm && known != all) return {};
    if (tail == no_modrm && plain != all) plain = {};
    return {.fast = static_cast<FastEntry>(length | unsigned{tail} << 4 | unsigned{tables.index_of(plain)} << 7),
            .known = {.length = static_cast<std::uint8_t>(length),
                      .tail = tail,
                      .modrm_set = tables.index_of(known),
                      .needs_memory = in_memory,
                      .needs_register = in_register}};
}

// --- the legacy encoding ---------------------------------------------------------------------------------------------------------

std::vector<Bytes> prefix_samples(PrefixClass prefix_class, bool wide) {
    constexpr std::uint8_t prefix_of_class[] = {0, 0x66, 0xf3, 0xf2, 0xf0};
    Bytes neutral{0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    if (wide) neutral.push_back(0x67);
    std::uint8_t own = prefix_of_class[prefix_class];
    std::vector<Bytes> samples;
    if (prefix_class == no_prefix) samples.push_back({});
    else samples.insert(samples.end(), {{own}, {own, own}});
    for (std::uint8_t byte : neutral) {
        if (prefix_class == no_prefix) samples.push_back({byte});
        else samples.insert(samples.end(), {{own, byte}, {byte, own}});
    }
    return samples;
}

Around legacy_around(bool wide, unsigned context, unsigned map) {
    constexpr ZydisOpcodeMap zydis_maps[] = {ZYDIS_OPCODE_MAP_DEFAULT, ZYDIS_OPCODE_MAP_0F, ZYDIS_OPCODE_MAP_0F38, ZYDIS_OPCODE_MAP_0F3A};
    const Bytes escapes[] = {{}, {0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}};
    bool w = (context & 1) != 0;
    Around around{.before = {}, .encoding = ZYDIS_INSTRUCTION_ENCODING_LEGACY, .map = zydis_maps[map]};
    std::vector<Bytes> prefixes = prefix_samples(static_cast<PrefixClass>(context >> 1), wide);
    std::vector<Bytes> rexes;
    if (!w) rexes.push_back({});
    for (unsigned low = 0; wide && low < 8; ++low) rexes.push_back({static_cast<std::uint8_t>(0x40 | (w ? 8 : 0) | low)});
    // Every prefix and every REX at least once; no need for every pair.
    for (std::size_t i = 0; i < std::max(prefixes.size(), rexes.size()); ++i) {
        Bytes before = prefixes[i % prefixes.size()];
        const Bytes& rex = rexes[i % rexes.size()];
        before.insert(before.end(), rex.begin(), rex.end());
        before.insert(before.end(), escapes[map].begin(), escapes[map].end());
        around.before.push_back(std::move(before));
    }
    return around;
}

// Bytes that stand for something else than an opcode of their own, or for another encoding.
bool is_special(bool wide, unsigned map, unsigned opcode) {
    if (map == 1) return opcode == 0x38 || opcode == 0x3a;
    if (map != 0) return false;
    if (opcode == 0x0f || opcode == 0x62 || opcode == 0xc4 || opcode == 0xc5) return true;
    if (wide && (opcode & 0xf0) == 0x40) return true;
    constexpr std::uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};
    return std::ranges::find(prefixes, opcode) != std::end(prefixes);
}

// --- VEX -------------------------------------------------------------------------------------------------------------------------

Around vex_around(bool wide, unsigned context, bool ones) {
    constexpr ZydisOpcodeMap zydis_maps[] = {ZYDIS_OPCODE_MAP_0F, ZYDIS_OPCODE_MAP_0F38, ZYDIS_OPCODE_MAP_0F3A};
    unsigned map = context / 16 + 1;
    unsigned pp = (context / 4) & 3;
    unsigned w = (context >> 1) & 1;
    unsigned l = context & 1;
    Around around{.before = {}, .encoding = ZYDIS_INSTRUCTION_ENCODING_VEX, .map = zydis_maps[map - 1]};
    for (unsigned turn = 0; turn < 16; ++turn) {
        unsigned extensions = wide ? turn & 7 : 6 | (turn & 1);     // R, X and B, inverted; 32-bit mode has no extended registers
        unsigned vvvv = ones ? 15 : turn;
        auto last = static_cast<std::uint8_t>(w << 7 | vvvv << 3 | l << 2 | pp);
        around.before.push_back({0xc4, static_cast<std::uint8_t>(extensions << 5 | map), last});
        if (map == 1 && w == 0) {
            auto r = static_cast<std::uint8_t>(wide ? (turn & 1) << 7 : 0x80U);
            // In 32-bit mode the second byte must not look like a ModRM byte that names memory, so vvvv has its upper bit set.
            if (wide || vvvv >= 8) around.before.push_back({0xc5, static_cast<std::uint8_t>(last | r)});
        }
    }
    return around;
}

KnownEntry make_vex_entry(Tables& tables, const PlainDecoder& decoder, bool wide, unsigned context, unsigned opcode) {
    Around ones = vex_around(wide, context, true);
    // Most of the space is empty.
    bool any = false;
    for (unsigned byte : {0x00U, 0xc1U, 0x11U, 0xd1U, 0x19U, 0xd9U, 0x31U, 0xf1U, 0x38U, 0x0cU, 0x14U}) {
        any = any || sample(decoder, ones, ones.before.back(), opcode, byte, 0x25, 0).has_value();
    }
    if (!any) return {};
    Entry restricted = make_entry(tables, decoder, ones, opcode);
    if (restricted.known.length == 0) return {};
    Entry free = make_entry(tables, decoder, vex_around(wide, context, false), opcode);
    if (free.known.modrm_set == restricted.known.modrm_set) return free.known;
    restricted.known.tail |= vvvv_must_be_ones;
    return restricted.known;
}

// --- output ----------------------------------------------------------------------------------------------------------------------

void write_known(std::ofstream& out, const KnownEntry& e) {
    fmt::print(out, "{{{},{},{},{},{}}},", e.length, e.tail, e.modrm_set, e.needs_memory, e.needs_register);
}

// A FastContext's 256 entries: those of the PrefixClass, REX.W and map it stands for, with the bytes in front of the opcode added.
void write_fast(std::ofstream& out, const Entry* legacy, std::size_t fast_context) {
    std::size_t escape = fast_context % 2;
    std::size_t rex = fast_context / FastContext::rex % 3;
    std::size_t prefix = fast_context / FastContext::neutral;
    std::size_t context = (prefix == 0 ? 0 : prefix - 1) * 2 + (rex == 2 ? 1 : 0);
    std::size_t before = escape + (rex != 0 ? 1 : 0) + (prefix != 0 ? 1 : 0);
    fmt::print(out, "{{");
    for (std::size_t opcode = 0; opcode < 256; ++opcode) {
        FastEntry entry = legacy[(context * maps + escape) * 256 + opcode].fast;
        // The sweep looks at each zero byte itself: it may be padding.
        bool zero = fast_context == 0 && opcode == 0;
        fmt::print(out, "{},", zero || entry == 0 ? 0 : entry + before);
    }
    fmt::print(out, "}},\n");
}

bool generate(const char* path) {
    Tables tables;
    std::ofstream out(path);
    fmt::print(out,
               "// Generated by tools/generate_x86_tables.cc.\n#include \"disasm/x86_tables.h\"\n\nnamespace abiscope::disasm::x86 {{\n");
    std::vector<Entry> legacy;
    std::vector<KnownEntry> vex;
    for (bool wide : {false, true}) {
        PlainDecoder decoder(wide ? Architecture::x86_64 : Architecture::x86);
        for (unsigned context = 0; context < contexts; ++context) {
            for (unsigned map = 0; map < maps; ++map) {
                bool absent = !wide && (context & 1) != 0;
                Around around = absent ? Around{} : legacy_around(wide, context, map);
                for (unsigned opcode = 0; opcode < 256; ++opcode) {
                    legacy.push_back(absent || is_special(wide, map, opcode) ? Entry{} : make_entry(tables, decoder, around, opcode));
                }
            }
        }
        for (unsigned context = 0; context < vex_contexts; ++context) {
            for (unsigned opcode = 0; opcode < 256; ++opcode) vex.push_back(make_vex_entry(tables, decoder, wide, context, opcode));
        }
    }
    // An index has nine bits in a FastEntry.
    if (std::ranges::any_of(legacy, [](const Entry& e) { return e.known.length + 3 > 15; }) || tables.sets().size() > 512) {
        fmt::print(stderr, "generate_x86_tables: an entry does not fit its field\n");
        return false;
    }
    fmt::print(out, "const FastEntry fast_entries[modes][fast_contexts][256] = {{");
    for (std::size_t mode = 0; mode < modes; ++mode) {
        fmt::print(out, "{{\n");
        for (std::size_t context = 0; context < fast_contexts; ++context) write_fast(out, &legacy[mode * contexts * maps * 256], context);
        fmt::print(out, "}},\n");
    }
    fmt::print(out, "}};\nconst KnownEntry known_entries[modes][contexts][maps][256] = {{");
    for (std::size_t i = 0; i < legacy.size(); ++i) {
        if (i % 256 == 0) {
            fmt::print(out, "{}{{", i == 0 ? "{{" : i % (1024 * contexts) == 0 ? "}},\n{{" : i % 1024 == 0 ? "},\n{" : ",\n");
        }
        write_known(out, legacy[i].known);
        if (i % 256 == 255) fmt::print(out, "}}");
    }
    fmt::print(out, "}}}}}};\nconst KnownEntry vex_entries[modes][vex_contexts][256] = {{");
    for (std::size_t i = 0; i < vex.size(); ++i) {
        if (i % 256 == 0) fmt::print(out, "{}{{", i == 0 ? "{" : i % (256 * vex_contexts) == 0 ? "},\n{" : ",\n");
        write_known(out, vex[i]);
        if (i % 256 == 255) fmt::print(out, "}}");
    }
    fmt::print(out, "}}}};\nconst ModrmSet modrm_sets[] = {{\n");
    for (const ModrmSet& set : tables.sets()) fmt::print(out, "{{{:#x}, {:#x}, {:#x}, {:#x}}},\n", set[0], set[1], set[2], set[3]);
    fmt::print(out, "}};\n\n}}  // namespace abiscope::disasm::x86\n");
    return out.good();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: generate_x86_tables OUTPUT\n");
        return 2;
    }
    return generate(argv[1]) ? 0 : 1;
}
