// One ELF file as the loaders see it, read once and shared by every simulation that meets it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/once.h"
#include "elf/exports.h"
#include "elf/image.h"
#include "elf/imports.h"
#include "elf/notes.h"
#include "elf/relocations.h"
#include "elf/versions.h"
#include "target/architecture.h"
#include "target/file_system.h"

namespace abiscope::loader {

// Each time another number, from any thread.
[[nodiscard]] std::uint64_t next_serial();

// Immutable once made; the parts that cost something are read on first use and kept. Safe to use from several threads.
class Module {
public:
    explicit Module(elf::Image image);
    // As if DT_RUNPATH were `runpath` and there were no DT_RPATH: to try a run path before anybody edits the file.
    Module(elf::Image image, std::string runpath);
    explicit Module(std::shared_ptr<const target::DescribedLibrary> description);
    // A file that is there and is not ELF, or is cut off inside its header: bytes only.
    explicit Module(SourcePtr bytes);

    [[nodiscard]] const elf::Image* image() const { return image_ ? &*image_ : nullptr; }
    [[nodiscard]] const target::DescribedLibrary* description() const { return description_.get(); }
    [[nodiscard]] const SourcePtr& source() const { return bytes_; }            // null for a description
    [[nodiscard]] target::Architecture architecture() const;                    // unknown where it is no ELF file
    [[nodiscard]] View bytes() const { return bytes_ ? bytes_->view() : View(); }

    [[nodiscard]] std::string_view soname() const { return soname_; }           // empty when none
    [[nodiscard]] const std::vector<std::string_view>& needed() const { return needed_; }
    [[nodiscard]] std::optional<std::string_view> rpath() const { return rpath_; }
    [[nodiscard]] std::optional<std::string_view> runpath() const { return runpath_; }

    // Only for modules with an image.
    [[nodiscard]] const elf::Versions& versions() const;
    [[nodiscard]] const elf::ExportTable& exports() const;
    [[nodiscard]] const std::vector<elf::Import>& imports() const;
    [[nodiscard]] const elf::KnownNotes& notes() const;
    [[nodiscard]] const std::vector<elf::RelocationRange>& relocations() const;

    // Whether its exported symbols are known at all (not for catalogue descriptions).
    [[nodiscard]] bool symbols_known() const { return image_.has_value(); }

    // A number no other module of this process has or will have, unlike its address.
    [[nodiscard]] std::uint64_t serial() const { return serial_; }

    // What `owner` (a serial number too) derived from this module: made on first need, gone with the module.
    template <typename T>
    [[nodiscard]] T& derived(std::uint64_t owner) const {
        std::lock_guard lock(derived_mutex_);
        for (const auto& [of, what] : derived_) {
            if (of == owner) return *static_cast<T*>(what.get());
        }
        return *static_cast<T*>(derived_.emplace_back(owner, std::make_shared<T>()).second.get());
    }

private:
    std::uint64_t serial_ = next_serial();
    std::optional<elf::Image> image_;
    std::shared_ptr<const target::DescribedLibrary> description_;
    SourcePtr bytes_;
    std::string own_runpath_;
    std::string_view soname_;
    std::vector<std::string_view> needed_;
    std::optional<std::string_view> rpath_, runpath_;
    mutable Once versions_once_, exports_once_, imports_once_, notes_once_, relocations_once_;
    mutable elf::Versions versions_;
    mutable elf::ExportTable exports_;
    mutable std::vector<elf::Import> imports_;
    mutable elf::KnownNotes notes_;
    mutable std::vector<elf::RelocationRange> relocations_;
    mutable std::mutex derived_mutex_;
    mutable std::vector<std::pair<std::uint64_t, std::shared_ptr<void>>> derived_;
};

using ModulePtr = std::shared_ptr<const Module>;

// Modules by the identity of their file, for one file system. Thread-safe. A file that changes while the program runs is read once.
class ModuleCache {
public:
    explicit ModuleCache(target::FileSystemPtr files) : files_(std::move(files)) {}

    struct Opened {
        target::FileStatus status;
        ModulePtr module;
    };
    // errno on failure. A directory comes back with a null module.
    [[nodiscard]] target::SystemResult<Opened> open(std::string_view path, target::Credentials who);

    [[nodiscard]] const target::FileSystemPtr& files() const { return files_; }

    // What a simulation derived from these files and wants to find again: one object of each type and name, made on first need.
    template <typename T, typename Make>
    [[nodiscard]] std::shared_ptr<T> shared(const std::string& name, Make&& make) {
        std::pair key{std::type_index(typeid(T)), name};
        std::lock_guard lock(shared_mutex_);
        std::shared_ptr<void>& place = shared_[key];
        if (!place) place = std::shared_ptr<T>(make());
        return std::static_pointer_cast<T>(place);
    }

private:
    struct Identity {
        std::uint64_t device, inode;
        bool operator==(const Identity&) const = default;
    };
    struct IdentityHash {
        std::size_t operator()(const Identity& id) const { return id.device * 0x9e3779b97f4a7c15U ^ id.inode; }
    };
    target::FileSystemPtr files_;
    std::mutex mutex_;
    std::unordered_map<Identity, ModulePtr, IdentityHash> modules_;
    std::mutex shared_mutex_;
    std::map<std::pair<std::type_index, std::string>, std::shared_ptr<void>> shared_;
};

[[nodiscard]] ModulePtr make_module(const target::Contents& contents);

}  // namespace abiscope::loader
