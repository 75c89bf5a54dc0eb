// The order of things in __dls3() of ldso/dynlink.c: the program, LD_PRELOAD, what everything needs, thread-local storage, relocation of
// the libraries and, last, of the program.
#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/limits.h"
#include "elf/spec.h"
#include "loader/load_address.h"
#include "loader/missing_library.h"
#include "loader/musl_messages.h"
#include "loader/musl_relocate.h"
#include "loader/musl_search.h"

namespace abiscope::loader {

namespace {

using namespace musl;

constexpr std::uint64_t surely_allocated = std::uint64_t{1} << 30;     // bytes of thread-local storage no machine refuses
constexpr std::string_view blanks = " \t\n\v\f\r:";                    // what ends a name in LD_PRELOAD

class Start {
public:
    Start(const Program& program, const target::Target& target, const target::Libc& libc, ModuleCache& cache, const Options& options)
        : process_(program, target, libc, cache, options), search_(process_) {}

    Outcome run() {
        if (process_.machine == nullptr) {
            process_.give_up(Stage::interpreter, process_.program.path, "musl's loader of this architecture is not simulated", {});
            return process_.finish();
        }
        if (process_.version.empty()) {
            process_.version = newest;
            process_.assume(fmt::format("the version of musl is not known: {} is taken", newest.to_string()));
        }
        steps();
        return process_.finish();
    }

private:
    static inline const Version newest{1, 2, 5};

    void steps() {
        if (!map_program()) return;
        read_loader();
        if (process_.stopped()) return;
        preload();
        load_dependencies();
        if (process_.stopped() || !check_debug_entry() || !check_thread_storage()) return;
        if (!process_.options.symbols) return;
        relocate();
    }

    bool map_program();
    void read_loader();
    void preload();
    void load_dependencies();
    void load_needed(Object& object, std::string_view name, Place place);
    bool check_debug_entry();
    bool check_thread_storage();
    void relocate();

    Object* load(std::string_view name, Object* needed_by, finding::Trace& trace);
    Object* ask_loader(std::string_view name, const Object* needed_by, std::string detail, finding::Trace& trace);
    Object* map(std::string_view name, Hit hit, Object* needed_by, finding::Trace& trace);
    bool map_file(Object& object, const Hit& hit);
    bool address_is_free(const Object& object);
    void record(std::string_view name, std::string path, const Object* needed_by, FoundBy found_by, std::string detail,
                const finding::Trace& trace);
    [[nodiscard]] std::uint32_t depth_of(const Object* needed_by) const;

    Process process_;
    Search search_;
    std::vector<std::string_view> reported_;   // reserved words that have a line in the list of libraries
};

ModulePtr as_machine_reads(const ModulePtr& module, const Machine& machine) {
    if (module->image() != nullptr && module->image()->encoding() == machine.encoding) return module;
    View bytes = module->bytes();
    if (bytes.empty()) return nullptr;
    auto image = elf::Image::parse_as(module->source(), bytes, machine.encoding);
    if (!image) return nullptr;
    return std::make_shared<Module>(*std::move(image));
}

bool Start::map_program() {
    Object& app = process_.objects.emplace_back();
    process_.chain.push_back(&app);
    app.name = process_.program.path;
    app.is_program = true;
    app.module = process_.program.module ? as_machine_reads(process_.program.module, *process_.machine) : nullptr;
    process_.outcome.libraries.push_back(
        {.name = app.name, .path = app.name, .requester = {}, .found_by = FoundBy::program, .found_detail = {}, .trace = {}, .depth = 0});
    if (!app.module) {
        process_.give_up(Stage::interpreter, app.name, "the program is not an ELF file of this machine", {});
        return false;
    }
    auto mapped = Mapping::of_program(*app.image(), process_.target.kernel.page_size);
    if (auto* uncertain = std::get_if<Mapping::Uncertain>(&mapped)) {
        process_.give_up(Stage::interpreter, app.name, uncertain->reason, {});
        return false;
    }
    app.mapping = std::get<Mapping>(std::move(mapped));
    if (const elf::Segment* interpreter = app.image()->segment(elf::pt_interp)) {
        std::string_view path;
        if (app.mapping->read_text(interpreter->vaddr, path) == Fault::none && !path.empty()) process_.loader_path = path;
    }
    // The load address is AT_PHDR less PT_PHDR's; without PT_PHDR musl believes in 0 and reads the dynamic section there.
    if (!process_.options.as_library && !app.mapping->fixed() && app.image()->segment(elf::pt_phdr) == nullptr) {
        process_.die_at(Fault::segv, Stage::interpreter, app,
                        "a position-independent program without PT_PHDR: musl takes its load address for 0", app.mapping->dynamic_address(),
                        "elf/segments");
        return false;
    }
    if (!process_.options.as_library && !headers_lie_where_they_say(*app.image())) {
        process_.give_up(Stage::interpreter, app.name,
                         "where musl takes the program to be loaded: PT_PHDR is not the address of the program headers", {});
        return false;
    }
    if (app.mapping->dynamic_address() == 0) {
        process_.die_at(Fault::segv, Stage::interpreter, app, "a program without PT_DYNAMIC: musl reads its dynamic section at address 0",
                        0, "elf/segments");
        return false;
    }
    return read_dynamic(process_, app);
}

void Start::read_loader() {
    Object& loader = process_.objects.emplace_back();
    process_.loader = &loader;
    loader.name = process_.loader_path;
    loader.short_name = "libc.so";
    loader.is_loader = true;
    auto file = process_.cache.open(process_.absolute(loader.name), process_.target.user);
    if (!file || !file->module) {
        process_.assume(
            fmt::format("{} is not in the target's files: it is taken to be musl {}", loader.name, process_.version.to_string()));
        return;
    }
    loader.module = file->module;
    if (loader.module->description() != nullptr) return;
    loader.module = as_machine_reads(loader.module, *process_.machine);
    if (!loader.module)
        return process_.give_up(Stage::interpreter, loader.name, "the loader's file is not an ELF file of this machine", {});
    auto mapped = Mapping::of_program(*loader.image(), process_.target.kernel.page_size);
    if (auto* uncertain = std::get_if<Mapping::Uncertain>(&mapped))
        return process_.give_up(Stage::interpreter, loader.name, uncertain->reason, {});
    loader.mapping = std::get<Mapping>(std::move(mapped));
    (void)read_dynamic(process_, loader);
}

void Start::record(std::string_view name, std::string path, const Object* needed_by, FoundBy found_by, std::string detail,
                   const finding::Trace& trace) {
    LoadedLibrary library{.name = std::string(name),
                          .path = std::move(path),
                          .requester = needed_by != nullptr ? needed_by->name : std::string(),
                          .found_by = found_by,
                          .found_detail = std::move(detail),
                          .trace = {},
                          .depth = depth_of(needed_by)};
    if (process_.options.keep_traces) library.trace = trace;
    process_.outcome.libraries.push_back(std::move(library));
}

std::uint32_t Start::depth_of(const Object* needed_by) const {
    std::uint32_t depth = 1;
    for (const Object* object = needed_by; object != nullptr && !object->is_program; object = object->needed_by) ++depth;
    return depth;
}

// Each reserved word gets one entry in the list, as with `ldd`.
Object* Start::ask_loader(std::string_view name, const Object* needed_by, std::string detail, finding::Trace& trace) {
    Object* loader = process_.loader;
    trace.push_back({finding::StepAction::chosen, loader->name, detail});
    bool first = std::ranges::find(process_.chain, loader) == process_.chain.end();
    if (first) process_.chain.push_back(loader);
    std::string_view word = reserved_word(name).value_or(std::string_view());
    bool reported = std::ranges::find(reported_, word) != reported_.end();
    if (!reported && !word.empty()) reported_.push_back(word);
    if (first || (!reported && !word.empty())) record(name, loader->name, needed_by, FoundBy::libc_itself, std::move(detail), trace);
    return loader;
}

Object* Start::load(std::string_view name, Object* needed_by, finding::Trace& trace) {
    if (name.empty()) {
        process_.error = EINVAL;
        return nullptr;
    }
    if (reserved_word(name)) return ask_loader(name, needed_by, "a name reserved for musl itself", trace);
    if (name == process_.loader->name) return ask_loader(name, needed_by, "the path of the loader", trace);
    bool is_path = name.find('/') != std::string_view::npos;
    if (!is_path) {
        for (std::size_t i = 1; i < process_.chain.size(); ++i) {
            if (process_.chain[i]->short_name == name) return process_.chain[i];
        }
    }
    std::optional<Hit> hit = is_path ? search_.open(name, trace) : search_.find(name, needed_by, trace);
    if (!hit || process_.stopped()) return nullptr;
    for (std::size_t i = 1; i < process_.chain.size(); ++i) {
        Object& known = *process_.chain[i];
        if (known.is_loader || known.device != hit->file.status.device || known.inode != hit->file.status.inode) continue;
        if (!known.short_name && !is_path) known.short_name = known.name.substr(known.name.rfind('/') + 1);
        return &known;
    }
    return map(name, *std::move(hit), needed_by, trace);
}

bool Start::map_file(Object& object, const Hit& hit) {
    if (!hit.file.module) {
        process_.error = EISDIR;
        return false;
    }
    object.module = hit.file.module;
    if (object.module->description() != nullptr) return true;
    object.module = as_machine_reads(object.module, *process_.machine);
    if (!object.module) {
        process_.error = ENOEXEC;
        return false;
    }
    auto mapped = Mapping::of_library(*object.image(), process_.target.kernel.page_size, process_.version);
    if (auto* refused = std::get_if<Mapping::Refused>(&mapped)) {
        process_.error = refused->error;
        return false;
    }
    // mmap(2): PROT_EXEC of a file on such a mount is EPERM.
    if (hit.file.status.no_execute && std::ranges::any_of(object.image()->segments(), [](const elf::Segment& segment) {
            return segment.type == elf::pt_load && segment.executable();
        })) {
        process_.error = EPERM;
        return false;
    }
    if (auto* killed = std::get_if<Mapping::Killed>(&mapped)) {
        process_.die_at(killed->fault, Stage::libraries, object, killed->reason, 0, "elf/segments");
        return false;
    }
    if (auto* uncertain = std::get_if<Mapping::Uncertain>(&mapped)) {
        process_.give_up(Stage::libraries, object.name, uncertain->reason, {});
        return false;
    }
    object.mapping = std::get<Mapping>(std::move(mapped));
    return address_is_free(object) && read_dynamic(process_, object);
}

// An ET_EXEC file is accepted as a library if it gets the addresses it was linked for.
bool Start::address_is_free(const Object& object) {
    const Mapping& mapping = *object.mapping;
    if (!mapping.fixed() || mapping.start() == 0) return true;
    bool taken = mapping.start() < process_.target.kernel.mmap_min_addr;
    bool near = false;
    for (const Object* other : process_.chain) {
        if (!other->mapping || !other->mapping->fixed()) continue;
        taken |= mapping.start() < other->mapping->end() && other->mapping->start() < mapping.end();
        near |= other->is_program && mapping.start() >= other->mapping->end();
    }
    if (taken) {
        process_.error = EBUSY;
        return false;
    }
    if (near) process_.give_up(Stage::libraries, object.name, "an ET_EXEC library behind the program, where its heap may be", {});
    return !near;
}

Object* Start::map(std::string_view name, Hit hit, Object* needed_by, finding::Trace& trace) {
    Object& object = process_.objects.emplace_back();
    object.name = hit.path;
    if (!map_file(object, hit)) {
        process_.objects.pop_back();
        return nullptr;
    }
    if (object.lookup_fault != Fault::none) {
        process_.die_at(object.lookup_fault, Stage::libraries, object,
                        "musl looks __libc_start_main up in a library whose hash table cannot be read", 0);
        return nullptr;
    }
    if (find_in(process_, object, "__libc_start_main", Need::definition).object != nullptr &&
        find_in(process_, object, "stdin", Need::definition).object != nullptr) {
        std::string path = object.name;
        process_.objects.pop_back();
        trace.push_back(
            {finding::StepAction::skipped, path, "it exports __libc_start_main and stdin: another libc, and musl takes its own place"});
        return ask_loader("libc.so", needed_by, fmt::format("in place of {}, which is a libc, too", path), trace);
    }
    if (process_.stopped()) return nullptr;
    if (process_.chain.size() >= default_limits.libraries) {
        process_.give_up(Stage::libraries, object.name, "more libraries than are simulated", {});
        return nullptr;
    }
    object.device = hit.file.status.device;
    object.inode = hit.file.status.inode;
    object.needed_by = needed_by;
    if (name.find('/') == std::string_view::npos) object.short_name = object.name.substr(object.name.rfind('/') + 1);
    process_.chain.push_back(&object);
    record(name, object.name, needed_by, needed_by == nullptr ? FoundBy::preload : hit.found_by, std::move(hit.detail), trace);
    return &object;
}

void Start::preload() {
    if (process_.secure) return;
    auto variable = process_.target.variable("LD_PRELOAD");
    if (!variable) return;
    // As load_preload() goes through it: a blank at the end asks for an empty name, which only sets errno.
    for (std::string_view rest = *variable; !rest.empty() && !process_.stopped();) {
        rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
        std::string_view name = rest.substr(0, rest.find_first_of(blanks));
        rest.remove_prefix(name.size());
        finding::Trace trace;
        if (load(name, nullptr, trace) != nullptr || name.empty() || process_.stopped()) continue;
        std::string reading = fmt::format("LD_PRELOAD={}", text::printable(*variable));
        process_.warn({.kind = ProblemKind::preload_ignored,
                       .stage = Stage::libraries,
                       .fatal = false,
                       .object = "LD_PRELOAD",
                       .subject = std::string(name),
                       .version = {},
                       .provider = {},
                       .reason = std::string(error_text(process_.error)),
                       .error_name = std::string(error_name(process_.error)),
                       .places = {{.file = process_.chain.front()->name,
                                   .offset = {},
                                   .size = 0,
                                   .path = "environment/LD_PRELOAD",
                                   .reading = std::move(reading)}},
                       .trace = std::move(trace)});
    }
}

void Start::load_needed(Object& object, std::string_view name, Place place) {
    finding::Trace trace;
    if (load(name, &object, trace) != nullptr) {
        // A folder that was searched before, and of which the target says nothing, may hold another of the name.
        if (auto absent = assumed_absent(trace, name, process_.target)) process_.take_for_granted(*std::move(absent));
        return;
    }
    if (process_.stopped()) return;
    ProblemKind kind = process_.error == ENOENT ? ProblemKind::library_missing : ProblemKind::library_rejected;
    Problem problem{.kind = kind,
                    .stage = Stage::libraries,
                    .object = object.name,
                    .subject = std::string(name),
                    .version = {},
                    .provider = {},
                    .reason = std::string(error_text(process_.error)),
                    .error_name = std::string(error_name(process_.error)),
                    .places = {std::move(place)},
                    .trace = trace};
    if (kind == ProblemKind::library_missing) {
        MissingLibrary missing = how_missing(trace, process_.target);
        if (missing.certainty == MissingLibrary::Certainty::unknown) {
            process_.give_up(Stage::libraries, object.name, unknown_folder_text(missing, name, process_.target), problem.places.front());
            return;
        }
        problem.certain = missing.certainty == MissingLibrary::Certainty::certain;
        if (!problem.certain) process_.assume("only the libraries of the base system are known: others may be installed");
    }
    process_.complain(library_line(name, process_.error, object.name), std::move(problem));
    record(name, {}, &object, FoundBy::path, {}, trace);
}

// Breadth-first: the chain grows while it is walked.
void Start::load_dependencies() {
    for (std::size_t i = 0; i < process_.chain.size() && !process_.stopped(); ++i) {
        Object& object = *process_.chain[i];
        if (object.is_loader) continue;
        if (!object.mapping) {
            process_.assume(fmt::format("{} is only described: what it needs is known, its search list and symbols are not", object.name));
            for (std::string_view name : object.module->needed()) {
                if (process_.stopped()) return;
                load_needed(
                    object, name,
                    {.file = object.name, .offset = {}, .size = 0, .path = "elf/dynamic", .reading = fmt::format("DT_NEEDED {}", name)});
            }
            continue;
        }
        std::uint64_t strings = object.last(elf::dt_strtab).value_or(0), asked = 0;
        for (std::size_t entry = 0; entry < object.dynamic.size() && !process_.stopped(); ++entry) {
            if (object.dynamic[entry].tag != elf::dt_needed) continue;
            std::string_view name;
            Fault fault = object.mapping->read_text(strings + object.dynamic[entry].value, name);
            if (fault != Fault::none || ++asked > default_limits.libraries) {
                process_.die_at(asked > default_limits.libraries ? Fault::unknown : fault, Stage::libraries, object,
                                "a DT_NEEDED that is no text of this file, or more of them than are simulated",
                                strings + object.dynamic[entry].value);
                return;
            }
            load_needed(object, name, object.dynamic_place(entry, fmt::format("DT_NEEDED {}", text::printable(name))));
        }
    }
}

// The address of the debugger's structure is written into the program's DT_DEBUG.
bool Start::check_debug_entry() {
    const Object& app = *process_.chain.front();
    for (std::size_t entry = 0; entry < app.dynamic.size(); ++entry) {
        if (app.dynamic[entry].tag != elf::dt_debug) continue;
        std::uint64_t word = process_.machine->word();
        std::uint64_t address = app.mapping->dynamic_address() + (2 * entry + 1) * word;
        Fault fault = app.mapping->touch(address, word, true);
        if (fault == Fault::none) continue;
        process_.die_at(fault, Stage::relocation, app, "musl writes DT_DEBUG of the program, which lies in a read-only segment", address);
        return false;
    }
    return true;
}

bool Start::check_thread_storage() {
    std::uint64_t total = 0;
    for (const Object* object : process_.chain) {
        if (!object->mapping || !object->mapping->tls() || object->mapping->tls()->size == 0) continue;
        const TlsSegment& tls = *object->mapping->tls();
        bool sane = tls.alignment != 0 && (tls.alignment & (tls.alignment - 1)) == 0 && tls.file_size <= tls.size &&
            tls.alignment <= process_.target.kernel.page_size;
        if (!sane) {
            process_.give_up(Stage::relocation, object->name, "a PT_TLS whose alignment or size no compiler writes", {});
            return false;
        }
        std::uint64_t room = surely_allocated - total;
        if (tls.size >= room) {
            process_.give_up(Stage::relocation, object->name, "a gigabyte of thread-local storage or more: the machine's memory decides",
                             {});
            return false;
        }
        total += tls.size;
        Fault fault = object->mapping->touch(tls.address, tls.file_size, false);
        if (fault != Fault::none) {
            process_.die_at(Fault::unknown, Stage::relocation, *object, "the image of the thread-local storage cannot be read",
                            tls.address);
            return false;
        }
    }
    return true;
}

void Start::relocate() {
    Relocator relocator(process_);
    for (std::size_t i = 1; i <= process_.chain.size(); ++i) {
        const Object& object = *process_.chain[i % process_.chain.size()];
        // The loader's own symbols are bound a second time; it defines all of them itself.
        if (!object.is_loader) relocator.relocate(object);
        if (process_.stopped()) return;
    }
    if (process_.failed()) return;
    for (const Object* object : process_.chain) {
        if (object->is_loader || process_.stopped()) continue;
        relocator.judge_unknown_relr(*object);
        if (!object->foreign || object->is_program) continue;
        Place place{.file = object->name,
                    .offset = 18,
                    .size = 2,
                    .path = "elf/header.e_machine",
                    .reading = fmt::format("{}", object->image()->header().machine)};
        process_.warn({.kind = ProblemKind::crash,
                       .stage = Stage::runtime,
                       .certain = false,
                       .object = object->name,
                       .subject = {},
                       .version = {},
                       .provider = {},
                       .reason = "musl does not look at e_machine: the code of another machine is mapped, and dies where it is called",
                       .error_name = {},
                       .places = {std::move(place)},
                       .trace = {}});
    }
}

}  // namespace

Outcome run_musl(const Program& program, const target::Target& target, const target::Libc& libc, ModuleCache& cache,
                 const Options& options) {
    return Start(program, target, libc, cache, options).run();
}

}  // namespace abiscope::loader
