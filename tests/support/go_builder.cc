#include "support/go_builder.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace abiscope::test {

void GoBytes::integer(std::uint64_t value, unsigned size) {
    bytes.resize(bytes.size() + size);
    set(bytes.size() - size, value, size);
}

void GoBytes::set(std::size_t at, std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i, value >>= 8) bytes[at + (big_ ? size - 1 - i : i)] = static_cast<std::byte>(value);
}

void GoBytes::text(std::string_view value, bool terminated) {
    for (char c : value) bytes.push_back(static_cast<std::byte>(c));
    if (terminated) bytes.push_back(std::byte{0});
}

namespace {

void varint(GoBytes& out, std::uint32_t value) {
    while (value >= 0x80) {
        out.integer((value & 0x7f) | 0x80, 1);
        value >>= 7;
    }
    out.integer(value, 1);
}

// Where the table of runs starts.
std::uint32_t runs(GoBytes& out, const std::vector<GoRun>& values, unsigned quantum) {
    auto start = static_cast<std::uint32_t>(out.size());
    std::int32_t last = -1;
    for (const GoRun& run : values) {
        std::int32_t change = run.value - last;
        last = run.value;
        varint(out, static_cast<std::uint32_t>(change < 0 ? ~(change * 2) : change * 2));
        varint(out, run.bytes / quantum);
    }
    out.integer(0, 1);
    return start;
}

class Maker {
public:
    Maker(const GoProgramSpec& spec, const std::vector<GoFunctionSpec>& functions)
        : spec_(spec), functions_(functions), ro_(spec.word, spec.big), rw_(spec.word, spec.big) {}

    GoProgram make() {
        ro_.integer(0, 16);
        types();
        inline_trees();
        ro_.align(32);
        table();
        module();
        out_.read_only = ro_.bytes;
        out_.writable = rw_.bytes;
        return out_;
    }

private:
    [[nodiscard]] std::uint64_t here() const { return out_.rodata + ro_.size(); }

    // The name of a type or field: flags, length, text, tag.
    std::uint64_t name(std::string_view text, unsigned flags, std::string_view tag = {}) {
        std::uint64_t at = here();
        ro_.integer(flags | (tag.empty() ? 0 : 2), 1);
        for (std::string_view part : {text, tag}) {
            if (part.empty() && part.data() == tag.data()) continue;
            if (spec_.minor < 17) ro_.integer(part.size() >> 8, 1), ro_.integer(part.size() & 0xff, 1);
            else varint(ro_, static_cast<std::uint32_t>(part.size()));
            ro_.text(part, false);
        }
        return at;
    }

    void descriptor(std::uint64_t size, std::uint64_t pointers, unsigned flags, unsigned align, unsigned kind, std::uint64_t text) {
        ro_.word(size);
        ro_.word(pointers);
        ro_.integer(0x1234567, 4);
        for (unsigned byte : {flags, align, align, kind}) ro_.integer(byte, 1);
        ro_.word(0);
        ro_.word(0);
        ro_.integer(text - types_, 4);
        ro_.integer(0, 4);
    }

    void types() {
        ro_.align(32);
        types_ = here();
        ro_.word(0);
        std::uint64_t value = name("Value", 1, "json:\"v\""), next = name("next", 0), path = name("main", 0),
                      number = name("main.Number", 1), node = name("*main.Node", 1), pointer = name("*main.Node", 0);
        std::uint64_t word = spec_.word;
        ro_.align(word);
        std::uint64_t rows = here();
        out_.node_type = rows;
        std::uint64_t base = 4 * word + 16;
        std::uint64_t fields = rows + base + 4 * word + 16;
        out_.number_type = fields + 6 * word;
        pointer_type_ = out_.number_type + base + 16;
        // main.Node: extra star, named, uncommon.
        descriptor(2 * word, 2 * word, 1 | 2 | 4, word, 25, node);
        ro_.word(path);
        ro_.word(fields);
        ro_.word(2);
        ro_.word(2);
        uncommon(path);
        ro_.word(value);
        ro_.word(out_.number_type);
        ro_.word(0);
        ro_.word(next);
        ro_.word(pointer_type_);
        ro_.word(spec_.minor < 19 ? word * 2 : word);
        descriptor(4, 0, 1 | 4, 4, 5, number);
        uncommon(path);
        descriptor(word, word, 0, word, 22, pointer);
        ro_.word(out_.node_type);
        types_end_ = here();
        typelinks_ = here();
        ro_.integer(pointer_type_ - types_, 4);
        ro_.align(word);
    }

    void uncommon(std::uint64_t path) {
        ro_.integer(path - types_, 4);
        ro_.integer(0, 2);
        ro_.integer(0, 2);
        ro_.integer(16, 4);
        ro_.integer(0, 4);
    }

    void inline_trees() {
        ro_.align(spec_.word);
        gofunc_ = here();
        // The names lie in the table, which is not there yet: filled in by table().
        for (const GoFunctionSpec& function : functions_) {
            ro_.align(4);
            maps_.push_back(here());
            ro_.integer(function.local_maps.size(), 4);
            ro_.integer(function.local_words, 4);
            for (std::uint8_t map : function.local_maps) ro_.integer(map, 1);
            ro_.align(4);
            trees_.push_back(here());
            for (const GoInline& call : function.inlined) {
                if (spec_.minor >= 20) {
                    ro_.integer(0, 4);
                    fixups_.emplace_back(ro_.size(), call.name);
                    ro_.integer(0, 4);
                    ro_.integer(static_cast<std::uint32_t>(call.parent_pc), 4);
                    ro_.integer(static_cast<std::uint32_t>(call.start_line), 4);
                } else {
                    ro_.integer(0, 12);
                    fixups_.emplace_back(ro_.size(), call.name);
                    ro_.integer(0, 4);
                    ro_.integer(static_cast<std::uint32_t>(call.parent_pc), 4);
                }
            }
        }
    }

    void table() {
        unsigned word = spec_.word;
        bool old = spec_.minor < 18;
        GoBytes names(word, spec_.big), units(word, spec_.big), files(word, spec_.big), tables(word, spec_.big), list(word, spec_.big),
            records(word, spec_.big);
        std::map<std::string, std::uint32_t> name_at, file_at;
        auto put = [](std::map<std::string, std::uint32_t>& places, GoBytes& part, const std::string& text) {
            auto [place, added] = places.try_emplace(text, static_cast<std::uint32_t>(part.size()));
            if (added) part.text(text);
            return place->second;
        };
        tables.integer(0, 1);
        unsigned field = old ? word : 4;
        std::uint64_t first_record = (functions_.size() + 1) * 2 * field;
        std::uint64_t code = 0;
        std::uint64_t header = word * (old ? 7 : 8) + 8;
        for (std::size_t i = 0; i < functions_.size(); ++i) {
            const GoFunctionSpec& function = functions_[i];
            auto unit = static_cast<std::uint32_t>(units.size() / 4);
            units.integer(put(file_at, files, function.file), 4);
            records.align(word);
            list.integer(old ? out_.text + code : code, field);
            list.integer(first_record + records.size(), field);
            records.integer(old ? out_.text + code : code, field);
            records.integer(put(name_at, names, function.name), 4);
            records.integer(8, 4);
            records.integer(0, 4);
            std::vector<GoRun> lines = function.lines.empty() ? std::vector<GoRun>{{function.size, 1}} : function.lines;
            records.integer(function.stack.empty() ? 0 : runs(tables, function.stack, spec_.quantum), 4);
            records.integer(runs(tables, {{function.size, 0}}, spec_.quantum), 4);
            records.integer(runs(tables, lines, spec_.quantum), 4);
            records.integer(3, 4);
            records.integer(unit, 4);
            if (spec_.minor >= 20) records.integer(static_cast<std::uint32_t>(function.start_line), 4);
            for (unsigned byte : {unsigned{function.id}, 0U, 0U, 4U}) records.integer(byte, 1);
            records.integer(0, 4);
            records.integer(function.stack_map_index.empty() ? 0 : runs(tables, function.stack_map_index, spec_.quantum), 4);
            records.integer(function.inline_index.empty() ? 0 : runs(tables, function.inline_index, spec_.quantum), 4);
            for (unsigned which = 0; which < 4; ++which) {
                bool there = (which == 3 && !function.inlined.empty()) || (which == 1 && !function.local_maps.empty());
                std::uint64_t data = which == 3 ? trees_[i] : maps_[i];
                if (old) {
                    if (which == 0) records.align(word);
                    records.integer(there ? data : 0, word);
                } else {
                    records.integer(there ? data - gofunc_ : 0xffffffff, 4);
                }
            }
            code += function.size;
            for (const GoInline& call : function.inlined) put(name_at, names, call.name);
        }
        list.integer(old ? out_.text + code : code, field);
        list.integer(0, field);
        text_size_ = code;
        for (auto& [at, text] : fixups_) ro_.set(at, name_at[text], 4);
        out_.table = here();
        ro_.integer(old ? 0xfffffffa : spec_.minor < 20 ? 0xfffffff0 : 0xfffffff1, 4);
        ro_.integer(0, 2);
        ro_.integer(spec_.quantum, 1);
        ro_.integer(word, 1);
        ro_.word(functions_.size());
        ro_.word(1);
        if (!old) ro_.word(spec_.minor >= 26 ? 0 : out_.text);
        std::uint64_t offset = header;
        for (GoBytes* part : {&names, &units, &files, &tables, &list}) {
            part->align(word);
            parts_.push_back(offset);
            ro_.word(offset);
            offset += part->size();
        }
        for (GoBytes* part : {&names, &units, &files, &tables, &list, &records})
            ro_.bytes.insert(ro_.bytes.end(), part->bytes.begin(), part->bytes.end());
        table_end_ = here();
        if (spec_.minor >= 26) {
            // The data of functions lies within the section of the table from then on; a copy of the trees does.
            std::uint64_t size = types_end_ < gofunc_ ? out_.table - gofunc_ : 0;
            std::uint64_t from = gofunc_ - out_.rodata;
            gofunc_ = here();
            for (std::uint64_t i = 0; i < size; ++i) ro_.bytes.push_back(ro_.bytes[from + i]);
            table_end_ = here();
        }
    }

    void slice(std::uint64_t at, std::uint64_t length) {
        rw_.word(at);
        rw_.word(length);
        rw_.word(length);
    }

    void module() {
        unsigned minor = spec_.minor;
        rw_.word(0);   // what an init task list points at
        std::uint64_t tasks = out_.data;
        std::uint64_t map = out_.data + rw_.size();
        rw_.word(0);
        rw_.word(text_size_);
        rw_.word(out_.text);
        if (!spec_.version.empty()) {
            std::uint64_t text = here();
            ro_.text(spec_.version, false);
            rw_.word(text);
            rw_.word(spec_.version.size());
        }
        std::uint64_t data_end = out_.data + rw_.size();
        out_.module = data_end;
        rw_.word(out_.table);
        for (std::size_t i = 0; i < 5; ++i) slice(out_.table + parts_[i], 1);   // only where they are counts
        slice(out_.table + parts_[4], functions_.size() + 1);
        rw_.word(0);                          // findfunctab
        rw_.word(out_.text);                  // minpc
        rw_.word(out_.text + text_size_);     // maxpc
        rw_.word(out_.text);
        rw_.word(out_.text + text_size_);
        rw_.word(out_.data);                  // noptrdata
        rw_.word(data_end);
        for (unsigned i = 0; i < 6; ++i) rw_.word(data_end);   // data, bss, noptrbss
        if (minor >= 20) rw_.word(0), rw_.word(0);   // covctrs
        rw_.word(data_end);                   // end
        rw_.word(0);
        rw_.word(0);
        rw_.word(types_);
        if (minor >= 27) rw_.word(spec_.word);   // descriptors in a row: none
        rw_.word(types_end_);
        if (minor >= 27) rw_.word(types_end_ - types_), rw_.word(0);
        if (minor >= 18) rw_.word(out_.rodata), rw_.word(gofunc_);
        if (minor >= 26) rw_.word(table_end_);
        slice(map, 1);
        if (minor < 27) slice(typelinks_, 1), slice(0, 0);
        slice(0, 0);                          // ptab
        rw_.word(0), rw_.word(0);             // pluginpath
        slice(0, 0);                          // pkghashes
        if (minor >= 21) slice(tasks, 1);
        rw_.word(0), rw_.word(0);             // modulename
        slice(0, 0);                          // modulehashes
        rw_.integer(1, 1);                    // hasmain
        rw_.align(spec_.word);
        for (unsigned i = 0; i < 8; ++i) rw_.word(0);
    }

    const GoProgramSpec& spec_;
    const std::vector<GoFunctionSpec>& functions_;
    GoProgram out_;
    GoBytes ro_, rw_;
    std::uint64_t types_ = 0, types_end_ = 0, typelinks_ = 0, pointer_type_ = 0, gofunc_ = 0, table_end_ = 0, text_size_ = 0;
    std::vector<std::uint64_t> trees_, maps_, parts_;
    std::vector<std::pair<std::size_t, std::string>> fixups_;
};

}  // namespace

GoProgram make_go_program(const GoProgramSpec& spec, const std::vector<GoFunctionSpec>& functions) { return Maker(spec, functions).make(); }

}  // namespace abiscope::test
