#include "loader/glibc_map.h"

#include <cerrno>

#include <fmt/format.h>

#include "base/search.h"
#include "loader/kernel_open.h"

namespace abiscope::loader {

namespace {

std::string directory_of(std::string_view path) {
    auto slash = path.rfind('/');
    if (slash == std::string_view::npos) return {};
    return std::string(path.substr(0, std::max<std::size_t>(slash, 1)));
}

constexpr std::string_view vdso_name = "linux-vdso.so.1";

// proc(5): of whoever asks. On the machine itself that would be the process that reads its files here.
bool is_own_executable(std::string_view path) { return path == "/proc/self/exe" || path == "/proc/thread-self/exe"; }

}  // namespace

GlibcNamespace::GlibcNamespace(GlibcWorld& world, const Program& program, const target::Target& target, const target::Libc& libc,
                               const Options& options, std::shared_ptr<SearchMemory> memory)
    : world_(world),
      program_(program),
      target_(target),
      libc_(libc),
      keep_traces_(options.keep_traces),
      as_library_(options.as_library),
      memory_(std::move(memory)) {
    secure_ = changes_identity(program.status, target);
    GlibcObject& main = add(program.module, "", "", nullptr);
    main.program = true;
    main.found_by = FoundBy::program;
    std::string interpreter(program.module->image()->interpreter().value_or(std::string_view(libc.loader)));
    const Candidate& file = world_.candidate(absolute_path(interpreter, target.working_directory));
    ModulePtr module = file.error == 0 ? file.module : nullptr;
    if (!module || (!module->image() && !module->description())) {
        module = std::make_shared<Module>(std::make_shared<const target::DescribedLibrary>(target::DescribedLibrary{
            .soname = interpreter.substr(interpreter.rfind('/') + 1), .path = interpreter, .needed = {}, .versions = {}, .source = {}}));
    }
    loader_ = &add(module, interpreter, interpreter, nullptr);
    loader_->is_loader = true;
    loader_->found_by = FoundBy::interpreter;
    if (!module->soname().empty() && module->soname() != interpreter) loader_->names.emplace_back(module->soname());
    if (auto paths = target.variable("LD_LIBRARY_PATH"); paths && !paths->empty() && !secure_) {
        library_path_ = directories(main, *paths, ":;");
    }
}

GlibcObject& GlibcNamespace::add(ModulePtr module, std::string name, std::string_view asked, GlibcObject* loader) {
    GlibcObject& object = objects_.emplace_back();
    object.module = std::move(module);
    object.name = std::move(name);
    object.names.emplace_back(asked);
    object.loader = loader;
    object.depth = loader == nullptr ? 0 : loader->depth + 1;
    if (const elf::Dynamic* dynamic = object.dynamic()) object.flags_1 = dynamic->flags_1();
    chain_.push_back(&object);
    return object;
}

bool GlibcNamespace::matches(GlibcObject& object, std::string_view name) {
    if (object.missing()) return false;
    if (object.name == name) return true;
    for (const std::string& known : object.names) {
        if (known == name) return true;
    }
    if (object.soname_added || object.module->soname() != name) return false;
    if (name.empty() && (object.dynamic() == nullptr || !object.dynamic()->has(elf::dt_soname))) return false;
    object.names.emplace_back(name);
    object.soname_added = true;
    return true;
}

GlibcObject* GlibcNamespace::find(std::string_view name) {
    for (GlibcObject* object : chain_) {
        if (object->name == name || std::ranges::find(object->names, name) != object->names.end()) return object;
    }
    return nullptr;
}

DstValues GlibcNamespace::dst_values(GlibcObject& object) {
    if (!object.origin_known) {
        object.origin_known = true;
        if (object.program) {
            // The program's own directory comes from /proc/self/exe: links are resolved.
            std::string path = absolute_path(program_.path, target_.working_directory);
            // Of a file that the loader opened itself, the name it was given.
            auto real = as_library_ ? target::SystemResult<std::string>(path) : world_.modules().files()->real_path(path);
            object.origin = directory_of(real ? *real : path);
        } else {
            object.origin = directory_of(absolute_path(object.name, target_.working_directory));
        }
    }
    DstValues values;
    if (object.origin) values.origin = *object.origin;
    if (!world_.rules().machine.platform.empty()) values.platform = world_.rules().machine.platform;
    values.lib = libc_.lib_token;
    values.secure = secure_;
    values.executable = object.program;
    values.trusted = world_.system_directories();
    return values;
}

std::optional<std::string> GlibcNamespace::expand(GlibcObject& object, std::string_view text) {
    auto expanded = expand_dst(text, dst_values(object));
    if (object.program && !as_library_ && expanded && text::contains(text, "ORIGIN") && has_dst(text)) by_origin_.push_back(*expanded);
    return expanded;
}

std::vector<std::string> GlibcNamespace::directories(GlibcObject& object, std::string_view list, std::string_view separators) {
    std::vector<std::string> out;
    while (true) {
        auto end = list.find_first_of(separators);
        std::string_view part = list.substr(0, end);
        std::optional<std::string> expanded = part.empty() ? std::string() : expand(object, part);
        if (expanded && (part.empty() || !expanded->empty())) {
            while (expanded->size() > 1 && expanded->ends_with('/')) expanded->pop_back();
            if (!expanded->empty() && !expanded->ends_with('/')) expanded->push_back('/');
            if (std::ranges::find(out, *expanded) == out.end()) out.push_back(*std::move(expanded));
        }
        if (end == std::string_view::npos || out.size() > default_limits.libraries) break;
        list.remove_prefix(end + 1);
    }
    return out;
}

const std::vector<std::string>& GlibcNamespace::rpath_of(GlibcObject& object) {
    if (!object.rpath_read) {
        object.rpath_read = true;
        bool counts = object.module && object.module->rpath() && !object.module->runpath();
        if (counts && !object.module->rpath()->empty()) object.rpath = directories(object, *object.module->rpath(), ":");
    }
    return object.rpath;
}

const std::vector<std::string>& GlibcNamespace::runpath_of(GlibcObject& object) {
    if (!object.runpath_read) {
        object.runpath_read = true;
        if (object.module && object.module->runpath() && !object.module->runpath()->empty()) {
            object.runpath = directories(object, *object.module->runpath(), ":");
        }
    }
    return object.runpath;
}

void GlibcNamespace::open_cache() {
    if (std::exchange(memory_->cache_opened, true)) return;
    if (world_.ld_cache_error() != 0) errno_ = world_.ld_cache_error();
}

// What a remembered search leaves in errno here: its last event that is one for this process.
int GlibcNamespace::errno_after(const Found& known) {
    int error = errno_;
    for (const Found::ErrnoEvent& event : known.events) {
        if (event.directory.empty() || memory_->missing_directories.add(event.directory, event.below)) error = event.error;
    }
    return error;
}

Found GlibcNamespace::search(GlibcObject& requester, std::string_view name, bool preload, finding::Trace* trace, bool told_again) {
    Found found;
    found.error = errno_;
    MissingDirectories nobodys;   // a search that is told again changes nothing
    bool secure_preload = preload && secure_;
    GlibcWorld::Walk walk{.working_directory = target_.working_directory,
                          .set_user_id_only = secure_preload,
                          .trace = trace,
                          .missing = told_again ? &nobodys : &memory_->missing_directories};
    auto in = [&](const std::vector<std::string>& list, FoundBy by, std::string_view why) {
        found.by = by;
        return !list.empty() && world_.open_in(list, name, why, walk, found);
    };
    auto note = [&](std::string_view what, std::string_view reason) {
        if (trace != nullptr) trace->push_back({finding::StepAction::skipped, std::string(what), std::string(reason)});
    };
    if (!requester.module->runpath()) {
        bool did_program = false;
        for (GlibcObject* object = &requester; object != nullptr; object = object->loader) {
            if (rpath_of(*object).empty()) continue;
            if (in(rpath_of(*object), FoundBy::rpath, trace != nullptr ? fmt::format("DT_RPATH of {}", shown(*object)) : "DT_RPATH"))
                return found;
            did_program |= object->program;
        }
        if (!did_program && in(rpath_of(program()), FoundBy::rpath, "DT_RPATH of the program")) return found;
    } else if (trace != nullptr) {
        for (GlibcObject* object = requester.loader; object != nullptr; object = object->loader) {
            if (!rpath_of(*object).empty())
                note(*object->module->rpath(),
                     fmt::format("DT_RPATH of {} does not count: {} has a DT_RUNPATH", shown(*object), shown(requester)));
        }
    }
    if (in(library_path_, FoundBy::library_path, "LD_LIBRARY_PATH")) return found;
    if (in(runpath_of(requester), FoundBy::runpath, trace != nullptr ? fmt::format("DT_RUNPATH of {}", shown(requester)) : "DT_RUNPATH"))
        return found;
    if (trace != nullptr) {
        for (GlibcObject* object = requester.loader; object != nullptr; object = object->loader) {
            if (!runpath_of(*object).empty())
                note(*object->module->runpath(), fmt::format("DT_RUNPATH of {} is not inherited", shown(*object)));
        }
    }
    bool no_defaults = (requester.flags_1 & elf::df_1_nodeflib) != 0;
    if (!no_defaults && !secure_preload && trace == nullptr) {
        const Found& known = world_.default_search(name);
        errno_ = found.error;
        open_cache();
        found = {.candidate = known.candidate,
                 .path = known.path,
                 .by = known.by,
                 .detail = known.detail,
                 .other_class = found.other_class || known.other_class,
                 .error = errno_after(known),
                 .events = {}};
        return found;
    }
    if (!secure_preload) {
        found.by = FoundBy::cache;
        if (!told_again) {
            errno_ = found.error;
            open_cache();
            found.error = errno_;
        }
        auto cached = world_.ld_cache().lookup(name, world_.rules().machine.cache);
        if (!cached) {
            note(libc_.cache, world_.ld_cache().usable() ? "ld.so.cache has no entry for it" : world_.ld_cache().fault());
        } else if (no_defaults && std::ranges::any_of(world_.system_directories(), [&](const std::string& directory) {
                       return cached->starts_with(directory);
                   })) {
            note(*cached, "ld.so.cache leads to a built-in directory, and DF_1_NODEFLIB forbids those");
        } else if (world_.open_path(*cached, "ld.so.cache", walk, found)) {
            return found;
        }
    }
    if (!no_defaults) {
        (void)in(world_.system_directories(), FoundBy::default_directory, "built-in directory");
    } else {
        note("built-in directories", "DF_1_NODEFLIB");
    }
    return found;
}

finding::Trace GlibcNamespace::trace_search(GlibcObject& requester, std::string_view name) {
    finding::Trace trace;
    if (name.find('/') == std::string_view::npos) {
        (void)search(requester, name, false, &trace, true);
    } else if (auto path = expand(requester, name)) {
        Found found;
        GlibcWorld::Walk walk{.working_directory = target_.working_directory, .trace = &trace, .missing = nullptr};
        (void)world_.open_path(*path, "a path is not searched for", walk, found);
    }
    return trace;
}

GlibcObject* GlibcNamespace::map_missing(GlibcObject& requester, std::string_view name) {
    for (GlibcObject* object : chain_) {
        if (object->missing() && object->names.front() == name) return object;
    }
    return &add(nullptr, std::string(name), name, &requester);
}

std::expected<GlibcObject*, LoadFault> GlibcNamespace::map(GlibcObject& requester, std::string_view name, bool preload) {
    for (GlibcObject* object : chain_) {
        if (matches(*object, name)) return object;
    }
    if (name == vdso_name) {
        GlibcObject& object = add(std::make_shared<Module>(std::make_shared<const target::DescribedLibrary>(target::DescribedLibrary{
                                      .soname = std::string(name), .path = {}, .needed = {}, .versions = {}, .source = "the kernel"})),
                                  std::string(name), name, &requester);
        object.found_by = FoundBy::vdso;
        return &object;
    }
    Found found;
    finding::Trace trace;
    if (name.find('/') == std::string_view::npos) {
        found = search(requester, name, preload, keep_traces_ ? &trace : nullptr);
    } else {
        // A token without a value leaves an empty path, which no file has.
        std::string path = expand(requester, name).value_or("");
        GlibcWorld::Walk walk{.working_directory = target_.working_directory, .trace = keep_traces_ ? &trace : nullptr, .missing = nullptr};
        found.error = ENOENT;
        bool own = is_own_executable(path) && !as_library_;
        std::string opened = own ? absolute_path(program_.path, target_.working_directory) : path;
        if (!path.empty()) (void)world_.open_path(opened, "a path is not searched for", walk, found);
        if (own && found.candidate != nullptr) found.path = path;
        if (own && found.candidate == nullptr) {
            return std::unexpected(LoadFault{.object = std::string(name),
                                             .reason = "what /proc/self/exe is: the program does not lie where it is started",
                                             .undecided = true,
                                             .file = path});
        }
    }
    errno_ = found.error;
    if (found.candidate == nullptr) {
        LoadFault fault{.object = std::string(name), .reason = glibc_text::cannot_open, .error = found.error, .missing = true, .file = {}};
        if (found.other_class) {
            fault.reason = world_.rules().machine.wide ? glibc_text::wrong_class_32 : glibc_text::wrong_class_64;
            fault.error = 0;
        }
        return std::unexpected(std::move(fault));
    }
    const Candidate& file = *found.candidate;
    auto fault = [&](const Acceptance& refused, std::string_view object) {
        return std::unexpected(LoadFault{.object = std::string(object),
                                         .reason = refused.reason,
                                         .error = refused.error,
                                         .crash = refused.kind == Acceptance::Kind::crash,
                                         .assertion = refused.kind == Acceptance::Kind::assertion,
                                         .undecided = refused.kind == Acceptance::Kind::undecided,
                                         .file = found.path,
                                         .offset = refused.offset,
                                         .size = refused.size});
    };
    if (file.header.kind != Acceptance::Kind::accepted) return fault(file.header, found.path);
    for (GlibcObject* object : chain_) {
        if (!object->has_identity || object->device != file.status.device || object->inode != file.status.inode) continue;
        if (std::ranges::find(object->names, name) == object->names.end()) object->names.emplace_back(name);
        return object;
    }
    const Acceptance& segments = world_.segments(file.module, file.status.no_execute);
    if (segments.kind != Acceptance::Kind::accepted) return fault(segments, name);
    GlibcObject& object = add(file.module, std::move(found.path), name, &requester);
    object.has_identity = true;
    object.device = file.status.device;
    object.inode = file.status.inode;
    object.found_by = preload ? FoundBy::preload : found.by;
    object.found_detail = std::move(found.detail);
    object.trace = std::move(trace);
    return &object;
}

std::vector<LoadedLibrary> GlibcNamespace::list_libraries() {
    std::vector<LoadedLibrary> libraries;
    auto list = [&](GlibcObject& object) {
        LoadedLibrary library;
        library.name = object.program ? program_.path : object.names.front();
        library.path = object.missing() ? std::string() : std::string(shown(object));
        if (object.loader != nullptr) library.requester = shown(*object.loader);
        library.found_by = object.found_by;
        library.found_detail = std::move(object.found_detail);
        library.trace = std::move(object.trace);
        library.depth = object.depth;
        libraries.push_back(std::move(library));
    };
    // The loader stands where the search list has it, at the end when nobody asks for it.
    bool loader_shown = loader_->listed;
    std::erase(chain_, loader_);
    auto place = std::ranges::find(search_list_, loader_);
    if (loader_shown && place != search_list_.begin() && place != search_list_.end()) {
        chain_.insert(std::ranges::next(std::ranges::find(chain_, *(place - 1)), 1, chain_.end()), loader_);
    } else {
        chain_.push_back(loader_);
    }
    libraries.reserve(chain_.size());
    for (GlibcObject* object : chain_) list(*object);
    return libraries;
}

bool GlibcNamespace::relies_on_origin() const {
    return std::ranges::any_of(chain_, [&](const GlibcObject* object) {
        return !object->missing() &&
            std::ranges::any_of(by_origin_, [&](const std::string& path) { return object->name.starts_with(path); });
    });
}

std::vector<GlibcObject*> GlibcNamespace::sorted() const {
    // The program comes first even when a filter object stands before it in the search list.
    std::vector<GlibcObject*> maps;
    maps.push_back(const_cast<GlibcObject*>(&objects_.front()));
    for (GlibcObject* object : search_list_) {
        if (!object->program && !object->missing()) maps.push_back(object);
    }
    if (world_.rules().rules.sorted_by_depth) sort_by_depth(maps);
    else sort_original(maps);
    return maps;
}

// elf/dl-sort-maps.c, the algorithm since 2.35: reverse postorder, from the last object of the list to the first. Written with a stack of
// its own, because a chain of libraries is as long as a hostile folder makes it.
void GlibcNamespace::sort_by_depth(std::vector<GlibcObject*>& maps) const {
    std::vector<GlibcObject*> order;
    std::vector<bool> visited(maps.size(), false);
    for (std::size_t i = 0; i < maps.size(); ++i) maps[i]->index = static_cast<std::uint32_t>(i);
    struct Frame {
        GlibcObject* object;
        std::size_t next;
    };
    std::vector<Frame> stack;
    auto enter = [&](GlibcObject* object) {
        if (object->missing() || !object->listed || visited[object->index]) return;
        visited[object->index] = true;
        stack.push_back({object, 0});
    };
    for (std::size_t i = maps.size(); i-- > 0;) {
        enter(maps[i]);
        while (!stack.empty()) {
            Frame& top = stack.back();
            if (top.next < top.object->needed.size()) {
                enter(top.object->needed[top.next++]);
            } else {
                order.push_back(top.object);
                stack.pop_back();
            }
        }
    }
    std::ranges::reverse(order);
    maps = std::move(order);
}

// The same file, the algorithm before 2.35: each object is moved behind the last one that needs it, unless that has gone on for too long.
void GlibcNamespace::sort_original(std::vector<GlibcObject*>& maps) const {
    if (maps.size() <= 2) return;
    std::vector<GlibcObject*> list(maps.begin() + 1, maps.end());
    std::size_t count = list.size();
    std::vector<std::uint16_t> seen(count, 0);
    auto needs = [](const GlibcObject* who, const GlibcObject* what) {
        return std::ranges::find(who->needed, what) != who->needed.end() || who == what;
    };
    for (std::size_t i = 0; i < count;) {
        ++seen[i];
        GlibcObject* object = list[i];
        std::size_t k = count - 1;
        while (k > i && !needs(list[k], object)) --k;
        if (k > i) {
            std::rotate(list.begin() + static_cast<std::ptrdiff_t>(i), list.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                        list.begin() + static_cast<std::ptrdiff_t>(k) + 1);
            if (seen[i + 1] > count - i) {
                ++i;
                std::fill(seen.begin() + static_cast<std::ptrdiff_t>(i), seen.end(), 0);
                continue;
            }
            std::uint16_t mine = seen[i];
            std::copy(seen.begin() + static_cast<std::ptrdiff_t>(i) + 1, seen.begin() + static_cast<std::ptrdiff_t>(k) + 1,
                      seen.begin() + static_cast<std::ptrdiff_t>(i));
            seen[k] = mine;
            continue;
        }
        ++i;
        if (i < count) std::fill(seen.begin() + static_cast<std::ptrdiff_t>(i), seen.end(), 0);
    }
    std::copy(list.begin(), list.end(), maps.begin() + 1);
}

}  // namespace abiscope::loader
