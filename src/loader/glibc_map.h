// The objects of one program as glibc's loader maps them: names, order, and who asked for whom (elf/dl-load.c, dl-object.c, dl-deps.c).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/limits.h"
#include "elf/spec.h"
#include "loader/glibc_dst.h"
#include "loader/glibc_messages.h"
#include "loader/glibc_world.h"
#include "loader/simulate.h"

namespace abiscope::loader {

// struct link_map, as far as it decides anything.
struct GlibcObject {
    ModulePtr module;                      // null for a library that was not found
    std::string name;                      // l_name: the path it was found by; empty for the program
    std::vector<std::string> names;        // l_libname: what it was asked for, first asked first
    GlibcObject* loader = nullptr;         // who asked first
    bool program = false;
    bool is_loader = false;                // ld.so itself
    bool soname_added = false;
    bool listed = false;                   // on the search list already
    bool has_identity = false;
    bool rpath_read = false, runpath_read = false;
    std::uint64_t device = 0, inode = 0;
    std::uint64_t flags_1 = 0;
    std::uint32_t depth = 0;
    std::uint32_t index = 0;               // in the search list
    FoundBy found_by = FoundBy::path;
    std::string found_detail;
    finding::Trace trace;
    std::optional<std::string> origin;
    bool origin_known = false;
    std::vector<std::string> rpath, runpath;       // directories with a trailing slash; empty when there are none
    std::vector<GlibcObject*> needed;      // l_initfini: what it needs itself, in order

    [[nodiscard]] bool missing() const { return module == nullptr; }
    [[nodiscard]] const elf::Dynamic* dynamic() const {
        return module && module->image() && module->image()->dynamic() ? &*module->image()->dynamic() : nullptr;
    }
};

// Why an object could not be had.
struct LoadFault {
    std::string object;                    // as the loader names it in its message
    std::string_view reason;
    int error = 0;
    bool missing = false;                  // nothing usable was found: the loader's list of libraries can go on in trace mode
    bool crash = false;                    // `reason` is the signal
    bool assertion = false;                // `reason` is its condition in get-dynamic-info.h, `error` the line
    bool undecided = false;                // `reason` is what is not known
    std::string file;                      // the file that decided it; empty when none was found
    std::uint64_t offset = 0, size = 0;    // its guilty bytes
};

// What a process will no longer set errno for: every namespace of it knows that.
struct SearchMemory {
    MissingDirectories missing_directories;
    bool cache_opened = false;
};

class GlibcNamespace {
public:
    // `memory`: of another namespace of the process.
    GlibcNamespace(GlibcWorld& world, const Program& program, const target::Target& target, const target::Libc& libc,
                   const Options& options, std::shared_ptr<SearchMemory> memory = std::make_shared<SearchMemory>());

    [[nodiscard]] GlibcObject& program() { return objects_.front(); }
    [[nodiscard]] GlibcObject& loader() { return *loader_; }
    [[nodiscard]] bool secure() const { return secure_; }
    [[nodiscard]] const std::shared_ptr<SearchMemory>& memory() const { return memory_; }
    [[nodiscard]] std::vector<GlibcObject*>& chain() { return chain_; }
    [[nodiscard]] std::vector<GlibcObject*>& search_list() { return search_list_; }
    // The objects that relocation goes through from back to front.
    [[nodiscard]] std::vector<GlibcObject*> sorted() const;

    // The object for a name, mapped when it is not there yet. Nothing is mapped on failure.
    [[nodiscard]] std::expected<GlibcObject*, LoadFault> map(GlibcObject& requester, std::string_view name, bool preload);
    // Stands for a library that was not found, so that the rest can be looked at.
    GlibcObject* map_missing(GlibcObject& requester, std::string_view name);
    // Everything the program needs, breadth first. `on_missing` is told of each library that is not there and says whether to go on.
    template <typename OnFault>
    bool map_dependencies(const std::vector<GlibcObject*>& preloads, OnFault&& on_fault);

    // The way a search went, for a report: done again with notes.
    [[nodiscard]] finding::Trace trace_search(GlibcObject& requester, std::string_view name);
    // How messages name an object: the program by the name it was started with.
    [[nodiscard]] std::string_view shown(const GlibcObject& object) const {
        return object.name.empty() ? std::string_view(program_.path) : object.name;
    }
    [[nodiscard]] GlibcObject* find(std::string_view name);

    // What is loaded, for a report; moves what only that wants out of the objects.
    [[nodiscard]] std::vector<LoadedLibrary> list_libraries();
    // Whether something was found by way of the program's own $ORIGIN.
    [[nodiscard]] bool relies_on_origin() const;

private:
    [[nodiscard]] bool matches(GlibcObject& object, std::string_view name);
    void open_cache();
    [[nodiscard]] int errno_after(const Found& known);
    [[nodiscard]] Found search(GlibcObject& requester, std::string_view name, bool preload, finding::Trace* trace, bool told_again = false);
    [[nodiscard]] const std::vector<std::string>& rpath_of(GlibcObject& object);
    [[nodiscard]] const std::vector<std::string>& runpath_of(GlibcObject& object);
    [[nodiscard]] std::vector<std::string> directories(GlibcObject& object, std::string_view list, std::string_view separators);
    [[nodiscard]] DstValues dst_values(GlibcObject& object);
    // The text with its tokens replaced, as expand_dst().
    [[nodiscard]] std::optional<std::string> expand(GlibcObject& object, std::string_view text);
    GlibcObject& add(ModulePtr module, std::string name, std::string_view asked, GlibcObject* loader);
    void sort_original(std::vector<GlibcObject*>& maps) const;
    void sort_by_depth(std::vector<GlibcObject*>& maps) const;

    GlibcWorld& world_;
    const Program& program_;
    const target::Target& target_;
    const target::Libc& libc_;
    bool keep_traces_;
    bool as_library_;
    bool secure_ = false;
    std::deque<GlibcObject> objects_;
    GlibcObject* loader_ = nullptr;
    std::vector<GlibcObject*> chain_;
    std::vector<GlibcObject*> search_list_;
    std::vector<std::string> library_path_;
    std::vector<std::string> by_origin_;       // paths with the program's $ORIGIN in them
    // errno of the process.
    int errno_ = 0;
    std::shared_ptr<SearchMemory> memory_;
};

struct NeededEntry {
    GlibcObject* requester;
    std::string text;                      // tokens replaced
    std::uint64_t tag;
    std::uint64_t entry;                   // index into the dynamic section
};

template <typename OnFault>
bool GlibcNamespace::map_dependencies(const std::vector<GlibcObject*>& preloads, OnFault&& on_fault) {
    errno_ = 0;   // _dl_map_object_deps saves and clears it
    search_list_.push_back(&program());
    for (GlibcObject* object : preloads) search_list_.push_back(object);
    for (GlibcObject* object : search_list_) object->listed = true;
    std::vector<bool> done(search_list_.size(), false);
    auto next = [&]() -> std::size_t {
        for (std::size_t i = 0; i < done.size(); ++i) {
            if (!done[i]) return i;
        }
        return done.size();
    };
    for (std::size_t at = 0; at < search_list_.size(); at = next()) {
        done[at] = true;
        GlibcObject* object = search_list_[at];
        auto append = [&](GlibcObject* found) {
            if (found->listed) return;
            found->listed = true;
            search_list_.push_back(found);
            done.push_back(false);
        };
        if (object->missing()) continue;
        if (object->module->description() != nullptr) {
            for (std::string_view name : object->module->needed()) {
                NeededEntry entry{object, std::string(name), elf::dt_needed, 0};
                auto mapped = map(*object, name, false);
                if (!mapped) {
                    if (!on_fault(entry, mapped.error())) return false;
                    mapped = map_missing(*object, name);
                }
                object->needed.push_back(*mapped);
                append(*mapped);
            }
            continue;
        }
        const elf::Dynamic* dynamic = object->dynamic();
        if (dynamic == nullptr) continue;
        std::size_t insert_at = at;
        std::uint64_t entries_left = default_limits.libraries;
        for (std::size_t i = 0; i < dynamic->entries.size(); ++i) {
            std::uint64_t tag = dynamic->entries[i].tag;
            if (tag != elf::dt_needed && tag != elf::dt_auxiliary && tag != elf::dt_filter) continue;
            if (entries_left-- == 0 || search_list_.size() > default_limits.libraries) break;
            std::string_view text = dynamic->strings.c_string(dynamic->entries[i].value).value_or(std::string_view());
            NeededEntry entry{object, std::string(text), tag, i};
            if (has_dst(text)) {
                if (secure_) {
                    if (!on_fault(entry, LoadFault{.object = std::string(text), .reason = glibc_text::secure_dst, .file = {}}))
                        return false;
                    continue;
                }
                auto expanded = expand(*object, text);
                if (!expanded || expanded->empty()) {
                    if (tag != elf::dt_auxiliary) continue;
                    if (!on_fault(entry, LoadFault{.object = std::string(text), .reason = glibc_text::empty_dst, .file = {}})) return false;
                    continue;
                }
                entry.text = *std::move(expanded);
            }
            auto mapped = map(*object, entry.text, false);
            if (!mapped) {
                if (tag == elf::dt_auxiliary && !mapped.error().crash && !mapped.error().assertion && !mapped.error().undecided) continue;
                if (!on_fault(entry, mapped.error())) return false;
                mapped = map_missing(*object, entry.text);
            }
            if (object->program && tag != elf::dt_needed && !world_.rules().rules.filter_in_front_of_program) {
                LoadFault strange{
                    .object = entry.text, .reason = "what this loader does with a filter object of the program", .file = program_.path};
                strange.undecided = true;
                (void)on_fault(entry, strange);
                return false;
            }
            if (object != &program()) object->needed.push_back(*mapped);
            if (tag == elf::dt_needed) {
                append(*mapped);
                continue;
            }
            // A filter or auxiliary object goes in front of the one that names it, wherever it was.
            auto place = std::find(search_list_.begin(), search_list_.end(), *mapped);
            auto before = static_cast<std::size_t>(place - search_list_.begin());
            bool was_done = false;
            if (place != search_list_.end()) {
                if (before <= insert_at) continue;
                was_done = done[before];
                search_list_.erase(place);
                done.erase(done.begin() + static_cast<std::ptrdiff_t>(before));
            }
            (*mapped)->listed = true;
            search_list_.insert(search_list_.begin() + static_cast<std::ptrdiff_t>(insert_at), *mapped);
            done.insert(done.begin() + static_cast<std::ptrdiff_t>(insert_at), was_done);
            std::erase(chain_, *mapped);
            chain_.insert(std::find(chain_.begin(), chain_.end(), object), *mapped);
            ++insert_at;
        }
    }
    return true;
}

}  // namespace abiscope::loader
