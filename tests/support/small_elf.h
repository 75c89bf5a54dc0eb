// A small dynamic ELF file (amd64, one page-aligned PT_LOAD, address = offset) made field by field for tests of the loaders. Knows
// nothing of the parsers it feeds.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace abiscope::testing {

struct SmallElf {
    struct Symbol {
        std::string name;
        std::uint64_t value = 0x10;
        std::uint16_t section = 1;     // 0: undefined
        std::uint8_t info = 0x12;      // global function
    };
    struct Relocation {
        std::uint32_t type = 0;
        std::uint32_t symbol = 0;      // 1 is the first of `symbols`
    };

    static constexpr std::uint64_t first_at = 0x200;

    std::string first;                 // bytes at address first_at, for entries of `more` to point at
    std::string interpreter;           // empty: a library
    std::vector<std::string> needed;
    std::optional<std::string> runpath;
    std::vector<Symbol> symbols;
    std::vector<Relocation> relocations;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> more;   // entries of the dynamic section, as they are
    bool hash = true;                  // DT_HASH
    bool program_headers_segment = true;
    std::uint16_t machine = 62;
    std::uint32_t claimed_symbols = 0; // nchain of DT_HASH when not 0

    [[nodiscard]] std::string build() const {
        std::string strings(1, '\0');
        auto text = [&](const std::string& value) {
            std::uint64_t at = strings.size();
            strings += value + '\0';
            return at;
        };
        std::vector<std::pair<std::uint64_t, std::uint64_t>> dynamic;
        dynamic.reserve(needed.size());
        for (const std::string& name : needed) dynamic.emplace_back(1, text(name));
        if (runpath) dynamic.emplace_back(29, text(*runpath));
        std::string table(24, '\0');
        for (const Symbol& symbol : symbols) {
            put(table, static_cast<std::uint32_t>(text(symbol.name)));
            put(table, symbol.info);
            put(table, std::uint8_t{0});
            put(table, symbol.section);
            put(table, symbol.value);
            put(table, std::uint64_t{8});
        }
        std::string hashes;            // one bucket that leads through all symbols
        auto count = static_cast<std::uint32_t>(symbols.size() + 1);
        put(hashes, std::uint32_t{1});
        put(hashes, claimed_symbols != 0 ? claimed_symbols : count);
        put(hashes, count > 1 ? 1U : 0U);
        put(hashes, std::uint32_t{0});
        for (std::uint32_t i = 1; i < count; ++i) put(hashes, i + 1 < count ? i + 1 : 0U);

        const std::uint64_t start = first_at, scratch = 0x100;        // relocations are applied to the scratch bytes
        std::string relocation_table;
        for (const Relocation& relocation : relocations) {
            put(relocation_table, scratch);
            put(relocation_table, std::uint64_t{relocation.symbol} << 32 | relocation.type);
            put(relocation_table, std::uint64_t{0});
        }
        std::string body;
        auto place = [&](const std::string& bytes) {
            body.resize((body.size() + 7) / 8 * 8);
            std::uint64_t at = start + body.size();
            body += bytes;
            return at;
        };
        if (!first.empty()) place(first);
        std::uint64_t interpreter_at = place(interpreter + '\0');
        dynamic.emplace_back(6, place(table));
        dynamic.emplace_back(5, place(strings));
        if (hash) dynamic.emplace_back(4, place(hashes));
        if (!relocations.empty()) {
            dynamic.emplace_back(7, place(relocation_table));
            dynamic.emplace_back(8, relocation_table.size());
            dynamic.emplace_back(9, 24);
        }
        dynamic.insert(dynamic.end(), more.begin(), more.end());
        dynamic.emplace_back(0, 0);
        std::string entries;
        for (auto [tag, value] : dynamic) {
            put(entries, tag);
            put(entries, value);
        }
        std::uint64_t dynamic_at = place(entries), size = start + body.size();

        std::string segments;
        segment(segments, program_headers_segment ? 6 : 0, 64, std::uint64_t{4} * 56);
        segment(segments, interpreter.empty() ? 0 : 3, interpreter_at, interpreter.size() + 1);
        segment(segments, 1, 0, size);
        segment(segments, 2, dynamic_at, entries.size());
        std::string out(
            "\x7f"
            "ELF\x02\x01\x01",
            7);
        out.resize(16);
        put(out, std::uint16_t{3});
        put(out, machine);
        put(out, std::uint32_t{1});
        put(out, std::uint64_t{scratch});
        put(out, std::uint64_t{64});
        put(out, std::uint64_t{0});
        put(out, std::uint32_t{0});
        for (unsigned value : {64U, 56U, 4U, 64U, 0U, 0U}) put(out, static_cast<std::uint16_t>(value));
        out += segments;
        out.resize(start);
        return out + body;
    }

private:
    template <typename T>
    static void put(std::string& out, T value) {
        for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff);
    }
    static void segment(std::string& out, std::uint32_t type, std::uint64_t at, std::uint64_t size) {
        put(out, type);
        put(out, std::uint32_t{6});
        for (std::uint64_t value : {at, at, at, size, size, std::uint64_t{0x1000}}) put(out, value);
    }
};

}  // namespace abiscope::testing
