#include "macho/exports.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "macho/dyld_info.h"
#include "macho/symbols.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

// Walks the trie of <mach-o/loader.h> "The symbols exported by a dylib are encoded in a trie". In a trie no two nodes share a byte, so
// the bytes read in all are at most its size: a walk that reads more goes in circles or over overlapping nodes. Names repeat their
// prefixes, so their total length has a bound of its own.
class TrieWalk {
public:
    TrieWalk(const Image& image, View trie, Exports& out, finding::Sink& sink)
        : trie_(trie),
          out_(out),
          sink_(sink),
          bytes_left_(trie.size()),
          name_bytes_left_(trie.size() * 128 + (std::uint64_t{1} << 20)),
          base_(image.base_address()) {}

    void run() {
        if (trie_.empty()) return;
        std::vector<Pending> stack;
        stack.push_back({0, {}});
        while (!stack.empty() && out_.complete) {
            Pending next = std::move(stack.back());
            stack.pop_back();
            visit(next, stack);
        }
    }

private:
    struct Pending {
        std::uint64_t offset;
        std::string name;
    };

    void stop(std::uint64_t offset, const std::string& reason) {
        if (!out_.complete) return;
        out_.complete = false;
        sink_.add(Finding(RuleId::MACHO_EXPORTS_MALFORMED,
                          Evidence::bytes(fmt::format("macho/exports_trie[{:#x}]", offset), trie_.file_offset(offset), 1, reason))
                      .with("reason", reason));
    }

    bool spend(std::uint64_t& budget, std::uint64_t cost, std::uint64_t offset, std::string_view reason) {
        if (cost > budget) {
            stop(offset, std::string(reason));
            return false;
        }
        budget -= cost;
        return true;
    }

    void visit(const Pending& node, std::vector<Pending>& stack) {
        Reader reader(trie_, Endian::little, "a node of the exports trie");
        reader.seek(node.offset);
        std::uint64_t terminal_size = reader.uleb128();
        View terminal = reader.bytes(terminal_size);
        if (!reader.ok()) return stop(node.offset, "a node runs past the end");
        if (terminal_size != 0) add(node, terminal);

        std::uint8_t child_count = reader.u8();
        std::size_t first = stack.size();
        for (int i = 0; i < child_count; ++i) {
            std::string_view edge = reader.c_string();
            std::uint64_t child = reader.uleb128();
            if (!reader.ok() || child >= trie_.size()) return stop(node.offset, "a child of a node lies outside");
            if (!spend(name_bytes_left_, node.name.size() + edge.size(), node.offset, "the names are too long for a trie of this size"))
                return;
            stack.push_back({child, node.name + std::string(edge)});
        }
        if (!reader.ok()) return stop(node.offset, "a node runs past the end");
        std::reverse(stack.begin() + static_cast<std::ptrdiff_t>(first), stack.end());   // the first child is visited first
        spend(bytes_left_, reader.position() - node.offset, node.offset,
              "nodes are reached twice: the trie has a cycle or overlaps itself");
    }

    void add(const Pending& node, View terminal) {
        Reader reader(terminal, Endian::little, "an entry of the exports trie");
        Export entry;
        entry.name = node.name;
        entry.file_offset = terminal.file_offset();
        entry.flags = reader.uleb128();
        if (entry.reexport()) {
            std::uint64_t ordinal = reader.uleb128();
            // Seen with a name right after; a terminal that ends here re-exports under the same name.
            if (reader.remaining() != 0) entry.import_name = reader.c_string();
            if (ordinal > 0xffff) return stop(node.offset, fmt::format("library ordinal {} is too large", ordinal));
            entry.ordinal = static_cast<std::int32_t>(ordinal);
        } else {
            std::uint64_t value = reader.uleb128();
            entry.address = entry.kind() == export_kind_absolute ? value : base_ + value;
            if ((entry.flags & export_stub_and_resolver) != 0) entry.resolver = base_ + reader.uleb128();
        }
        if (!reader.ok()) return stop(node.offset, "an entry runs past its size");
        out_.exports.push_back(std::move(entry));
    }

    View trie_;
    Exports& out_;
    finding::Sink& sink_;
    std::uint64_t bytes_left_;
    std::uint64_t name_bytes_left_;
    std::uint64_t base_;
};

void from_symbols(const Symbols& symbols, Exports& out) {
    for (const Symbol& symbol : symbols.symbols) {
        if (!symbol.is_external() || symbol.is_private_external() || symbol.name.empty()) continue;
        if (!symbol.is_defined() && !symbol.is_common()) continue;
        Export entry;
        entry.name = symbol.name;
        entry.file_offset = symbol.file_offset;
        entry.address = symbol.is_common() ? 0 : symbol.value;
        if (symbol.is_weak_definition()) entry.flags |= export_weak_definition;
        if (symbol.kind() == n_abs) entry.flags |= export_kind_absolute;
        out.exports.push_back(std::move(entry));
    }
}

}  // namespace

std::string_view to_string(ExportSource source) {
    switch (source) {
        case ExportSource::none: return "none";
        case ExportSource::exports_trie: return "exports_trie";
        case ExportSource::symbol_table: return "symbol_table";
    }
    return "none";
}

Result<Exports> read_exports(const Image& image, finding::Sink& sink) {
    Exports exports;
    auto data = find_linkedit_data(image, lc_dyld_exports_trie, sink);
    if (data || has_dyld_info(image)) {
        exports.source = ExportSource::exports_trie;
        View trie;
        if (data) {
            trie = data->bytes;
        } else if (auto info = read_dyld_info(image, sink)) {
            trie = info->exports;
        }
        TrieWalk(image, trie, exports, sink).run();
    } else {
        ABISCOPE_TRY(auto symbols, read_symbols(image, sink));
        exports.source = ExportSource::symbol_table;
        from_symbols(symbols, exports);
    }
    if (exports.exports.empty() && exports.complete) exports.source = ExportSource::none;
    return exports;
}

}  // namespace abiscope::macho
