#include "loader/musl_relocate.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "elf/relocations.h"
#include "elf/spec.h"
#include "elf/versions.h"
#include "loader/musl_messages.h"

namespace abiscope::loader::musl {

namespace {

const Version large_file_aliases_and_relr{1, 2, 4};

std::string_view binding_kind(Action action) {
    switch (action) {
        case Action::jump_slot: return "function";
        case Action::copy: return "copy";
        case Action::tls_module:
        case Action::tls_offset:
        case Action::tls_static:
        case Action::tls_descriptor: return "tls";
        default: return "data";
    }
}

// These read the module of the definition; for an unresolved weak symbol that is address 0.
bool needs_module(Action action) {
    return action == Action::tls_module || action == Action::tls_static || action == Action::tls_descriptor;
}

}  // namespace

Place Relocator::place_of(const Table& table, const Record& record, std::string reading) const {
    return {.file = object_->name,
            .offset = record.file_offset,
            .size = table.words * process_.machine->word(),
            .path = fmt::format("{}[{}]", table.name, record.index),
            .reading = std::move(reading)};
}

Problem Relocator::problem_of(ProblemKind kind, Stage stage, const Table& table, const Record& record, std::string_view symbol) const {
    std::uint32_t type = process_.machine->encoding.wide ? record.info & 0x7fffffff : record.info & 0xff;
    std::string reading = elf::relocation_name(object_->image()->header().machine, type);
    if (!symbol.empty()) reading += fmt::format(" {}", symbol);
    return {.kind = kind,
            .stage = stage,
            .object = object_->name,
            .subject = std::string(symbol),
            .version = {},
            .provider = {},
            .reason = {},
            .error_name = {},
            .places = {place_of(table, record, std::move(reading))},
            .trace = {}};
}

void Relocator::crash(Fault fault, const Table& table, const Record& record, std::string_view symbol, std::string reason) {
    Problem problem = problem_of(ProblemKind::crash, Stage::relocation, table, record, symbol);
    problem.reason = std::move(reason);
    process_.die(fault, std::move(problem));
}

void Relocator::relocate(const Object& object) {
    if (!object.mapping) return;
    object_ = &object;
    known_.clear();
    const Mapping& mapping = *object.mapping;
    std::uint64_t strings = object.last(elf::dt_strtab).value_or(0);
    symbols_ = elf::SymbolTable(mapping.file_bytes_at(object.last(elf::dt_symtab).value_or(0)), mapping.file_bytes_at(strings),
                                process_.machine->encoding);
    auto of = [&](std::uint64_t tag) { return object.last(tag).value_or(0); };
    apply_table({"elf/jmprel", of(elf::dt_jmprel), of(elf::dt_pltrelsz), of(elf::dt_pltrel) == elf::dt_rela ? 3U : 2U});
    apply_table({"elf/rel", of(elf::dt_rel), of(elf::dt_relsz), 2});
    apply_table({"elf/rela", of(elf::dt_rela), of(elf::dt_relasz), 3});
    if (process_.version >= large_file_aliases_and_relr) apply_relr();
    if (!process_.stopped()) protect();
}

void Relocator::apply_table(const Table& table) {
    if (table.size == 0 || process_.stopped()) return;
    std::uint64_t width = process_.machine->word(), stride = width * table.words;
    Record record{};
    if (table.size % stride != 0) {
        crash(Fault::unknown, table, record, {}, "the size of a relocation table is not a multiple of its records: musl runs past its end");
        return;
    }
    View records = object_->mapping->file_bytes_at(table.address).clamped(0, table.size);
    bool wide = process_.machine->encoding.wide;
    Endian order = process_.machine->encoding.order;
    auto word = [&](std::uint64_t at) -> std::uint64_t {
        return wide ? load<std::uint64_t>(records.data() + at, order) : load<std::uint32_t>(records.data() + at, order);
    };
    for (std::uint64_t at = 0; at + stride <= records.size() && !process_.stopped(); at += stride, ++record.index) {
        record.offset = word(at);
        record.info = word(at + width);
        record.addend = table.words == 3 ? word(at + 2 * width) : 0;
        record.file_offset = records.file_offset(at);
        apply(table, record);
    }
    if (process_.stopped() || records.size() / stride == table.size / stride) return;
    std::uint64_t ignored = 0;
    Fault fault = object_->mapping->read_word(table.address + records.size() / stride * stride + stride - width, ignored);
    crash(fault == Fault::none ? Fault::unknown : fault, table, record, {}, "a relocation table that the file does not hold to its end");
}

Definition Relocator::resolve(const elf::Symbol& symbol, std::uint64_t symbol_index, bool copy, Need need) {
    if (symbol.binding() == elf::stb_local) return {object_, symbol, false};
    std::uint64_t key = symbol_index * 4 + (copy ? 2 : 0) + (need == Need::definition ? 1 : 0);
    if (auto known = known_.find(key); known != known_.end()) return known->second;
    // A copy is taken from the libraries: the program's own place does not count.
    Definition found = find(process_, copy ? 1 : 0, symbol.name, need);
    if ((found.object == nullptr || found.taken_for_granted) && process_.version >= large_file_aliases_and_relr) {
        if (std::string_view plain = plain_name_of_large_file_alias(symbol.name); !plain.empty()) {
            Definition aliased = find_in(process_, *process_.loader, plain, Need::definition);
            if (process_.loader->opaque()) aliased = {process_.loader, {}, true};
            if (aliased.object != nullptr) found = aliased;
        }
    }
    known_.emplace(key, found);
    return found;
}

void Relocator::apply(const Table& table, const Record& record) {
    bool wide = process_.machine->encoding.wide;
    std::uint32_t type = wide ? record.info & 0x7fffffff : record.info & 0xff;
    std::uint64_t symbol_index = wide ? record.info >> 32 : record.info >> 8;
    if (type == 0) return;
    Action action = process_.machine->action_of(type, process_.version);
    std::uint64_t width = process_.machine->word();
    bool addend_in_place = table.words == 2 && action != Action::global_data && action != Action::jump_slot && action != Action::copy;
    if (addend_in_place) {
        if (Fault fault = object_->mapping->touch(record.offset, width, false); fault != Fault::none) {
            return crash(fault, table, record, {}, "the place to be relocated cannot be read");
        }
    }
    Definition definition{object_, {}, false};
    elf::Symbol symbol;
    if (symbol_index != 0) {
        if (symbol_index >= symbols_.size())
            return crash(Fault::unknown, table, record, {}, "a symbol behind the end of the symbol table's segment");
        symbol = symbols_.at(symbol_index);
        definition = resolve(symbol, symbol_index, action == Action::copy, action == Action::jump_slot ? Need::definition : Need::any);
        if (process_.stopped()) return;
        if (definition.object == nullptr && (symbol.defined() || symbol.binding() != elf::stb_weak)) {
            Problem problem = problem_of(ProblemKind::symbol_missing, Stage::symbols, table, record, symbol.name);
            const elf::Versions& versions = object_->module->versions();
            std::string_view library;
            if (const elf::NeededVersion* needed = versions.needed(versions.index_of(symbol_index), &library)) {
                problem.version = needed->name;
                problem.provider = library;
            }
            problem.reason = "symbol not found";
            return process_.complain(symbol_line(object_->name, symbol.name), std::move(problem));
        }
        note_binding(symbol, symbol_index, definition, binding_kind(action));
        if (definition.object == nullptr && needs_module(action)) {
            return crash(Fault::segv, table, record, symbol.name,
                         "a thread-local variable that is weak and not found: musl reads its module at address 0");
        }
    }
    switch (action) {
        case Action::unsupported: {
            Problem problem = problem_of(ProblemKind::relocation_unsupported, Stage::relocation, table, record, symbol.name);
            problem.reason = fmt::format("unsupported relocation type {}", type);
            return process_.complain(relocation_type_line(object_->name, type), std::move(problem));
        }
        case Action::copy: return copy(record, table, symbol, definition);
        case Action::offset_32: return write(record, table, 4);
        case Action::tls_descriptor: return write(record, table, 2 * width);
        default: return write(record, table, width);
    }
}

void Relocator::write(const Record& record, const Table& table, std::uint64_t size) {
    Fault fault = object_->mapping->touch(record.offset, size, true);
    if (fault == Fault::none) return;
    bool text = fault == Fault::segv && object_->mapping->covers(record.offset, record.offset + 1);
    crash(fault, table, record, {},
          text ? "a relocation of a read-only segment (text relocation), and nothing makes it writable"
               : "a relocation of a place that is not there");
}

void Relocator::copy(const Record& record, const Table& table, const elf::Symbol& symbol, const Definition& definition) {
    if (symbol.size == 0) return;
    if (definition.object == nullptr)
        return crash(Fault::segv, table, record, symbol.name, "a copy of a weak symbol that is not found: musl copies from address 0");
    if (definition.object->mapping && !definition.taken_for_granted) {
        Fault fault = definition.object->mapping->touch(definition.symbol.value, symbol.size, false);
        if (fault != Fault::none) return crash(fault, table, record, symbol.name, "a copy of more bytes than the library has");
    }
    write(record, table, symbol.size);
}

void Relocator::note_binding(const elf::Symbol& symbol, std::uint64_t symbol_index, const Definition& definition, std::string_view kind) {
    if (definition.taken_for_granted) {
        process_.assume(fmt::format("{} is taken to export what is asked of it: its symbols are not known", definition.object->name));
    }
    if (!process_.options.keep_bindings) return;
    const elf::Versions& versions = object_->module->versions();
    Binding binding{.symbol = std::string(symbol.name), .version = {}, .from = object_->name, .to = {}, .kind = std::string(kind)};
    if (const elf::NeededVersion* needed = versions.needed(versions.index_of(symbol_index))) binding.version = needed->name;
    if (definition.object != nullptr) {
        binding.to = definition.object->name;
    } else {
        binding.kind = "weak";
    }
    process_.outcome.bindings.push_back(std::move(binding));
}

// Calls visit(place, record's index, address of the record) for each relative relocation packed in DT_RELR, until it returns false.
template <typename Visit>
Relocator::RelrEnd Relocator::walk_relr(const Object& object, Visit&& visit) const {
    std::uint64_t size = object.last(elf::dt_relrsz).value_or(0), table = object.last(elf::dt_relr).value_or(0);
    std::uint64_t width = process_.machine->word(), bits = 8 * width - 1;
    if (size % width != 0) return {Fault::unknown, 0};
    std::uint64_t next = 0;
    bool placed = false;
    for (std::uint64_t at = 0; at < size; at += width) {
        std::uint64_t entry = 0;
        if (Fault fault = object.mapping->read_word(table + at, entry); fault != Fault::none) return {fault, at / width};
        if ((entry & 1) == 0) {
            if (!visit(entry, at / width, table + at)) return {};
            next = entry + width;
            placed = true;
            continue;
        }
        if (!placed) return {Fault::unknown, at / width};   // musl would use an uninitialised address
        for (std::uint64_t bit = 0, map = entry >> 1; map != 0; ++bit, map >>= 1) {
            if ((map & 1) != 0 && !visit(next + bit * width, at / width, table + at)) return {};
        }
        next += bits * width;
    }
    return {};
}

void Relocator::apply_relr() {
    if (process_.stopped()) return;
    Table table{"elf/relr", 0, 0, 1};
    Record record{};
    RelrEnd end = walk_relr(*object_, [&](std::uint64_t place, std::uint64_t index, std::uint64_t address) {
        record.index = index;
        record.offset = place;
        record.file_offset = object_->mapping->file_bytes_at(address).file_offset();
        write(record, table, process_.machine->word());
        return !process_.stopped();
    });
    record.index = end.index;
    if (end.fault != Fault::none) crash(end.fault, table, record, {}, "DT_RELR cannot be read to its end");
}

void Relocator::judge_unknown_relr(const Object& object) {
    if (process_.version >= large_file_aliases_and_relr || !object.mapping || object.mapping->fixed()) return;
    if (object.first(elf::dt_relrsz).value_or(0) == 0) return;
    object_ = &object;
    std::uint64_t start = object.last(elf::dt_init_array).value_or(0), size = object.last(elf::dt_init_arraysz).value_or(0);
    std::optional<std::uint64_t> constructor;
    (void)walk_relr(object, [&](std::uint64_t place, std::uint64_t, std::uint64_t) {
        std::uint64_t value = 0;
        if (place >= start && place - start < size && object.mapping->read_word(place, value) == Fault::none) constructor = value;
        return !constructor;
    });
    Table table{"elf/relr", 0, 0, 1};
    Record record{};
    record.file_offset = object.mapping->file_bytes_at(object.first(elf::dt_relr).value_or(0)).file_offset();
    Problem problem = problem_of(ProblemKind::crash, Stage::relocation, table, record, {});
    problem.places.front().reading = "DT_RELR";
    if (constructor) {
        problem.reason =
            fmt::format("musl before 1.2.4 does not know DT_RELR: a constructor is called at {:#x}, its address in the file", *constructor);
        process_.die(Fault::segv, std::move(problem));
        return;
    }
    problem.reason = "musl before 1.2.4 does not know DT_RELR: pointers in the data keep their addresses in the file";
    problem.certain = false;
    process_.warn(std::move(problem));
}

void Relocator::protect() {
    auto [start, end] = object_->mapping->relro();
    if (start == end || object_->mapping->covers(start, end)) return;
    Record record{};
    Table table{"elf/segments(PT_GNU_RELRO)", 0, 0, 0};
    bool within = object_->is_program && start < end && start >= object_->mapping->start() && end <= object_->mapping->end();
    if (!within) return crash(Fault::unknown, table, record, {}, "PT_GNU_RELRO reaches beyond the segments");
    // Since 1.2.4 the system call is made without setting errno, and the line prints what was in it before.
    int error = process_.version >= large_file_aliases_and_relr ? process_.error : ENOMEM;
    process_.error = error;
    Problem problem = problem_of(ProblemKind::relocation_failed, Stage::relocation, table, record, {});
    problem.reason = "RELRO protection failed";
    problem.error_name = "ENOMEM";
    process_.complain(relro_line(object_->name, error), std::move(problem));
}

}  // namespace abiscope::loader::musl
