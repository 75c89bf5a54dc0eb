#include "loader/module.h"

#include <atomic>
#include <cerrno>
#include <utility>

#include "elf/spec.h"

namespace abiscope::loader {

std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

Module::Module(elf::Image image) : image_(std::move(image)), bytes_(image_->source()) {
    if (!image_->dynamic()) return;
    const elf::Dynamic& dynamic = *image_->dynamic();
    if (auto text = dynamic.string(elf::dt_soname)) soname_ = text->text;
    if (auto text = dynamic.string(elf::dt_rpath)) rpath_ = text->text;
    if (auto text = dynamic.string(elf::dt_runpath)) runpath_ = text->text;
    for (const elf::DynamicString& text : dynamic.strings_of(elf::dt_needed)) needed_.push_back(text.text);
}

Module::Module(elf::Image image, std::string runpath) : Module(std::move(image)) {
    own_runpath_ = std::move(runpath);
    runpath_ = own_runpath_;
    rpath_.reset();
}

Module::Module(std::shared_ptr<const target::DescribedLibrary> description)
    : description_(std::move(description)), soname_(description_->soname) {
    for (const std::string& name : description_->needed) needed_.emplace_back(name);
}

Module::Module(SourcePtr bytes) : bytes_(std::move(bytes)) {}

const elf::Versions& Module::versions() const {
    versions_once_.call([this] {
        if (image_) versions_ = elf::read_versions(*image_);
    });
    return versions_;
}

const elf::ExportTable& Module::exports() const {
    exports_once_.call([this] {
        if (image_) exports_ = elf::ExportTable(*image_);
    });
    return exports_;
}

const std::vector<elf::Import>& Module::imports() const {
    imports_once_.call([this] {
        if (image_) imports_ = elf::read_imports(*image_, exports().symbols(), versions());
    });
    return imports_;
}

const elf::KnownNotes& Module::notes() const {
    notes_once_.call([this] {
        if (image_) notes_ = elf::known_notes(*image_, elf::read_notes(*image_));
    });
    return notes_;
}

const std::vector<elf::RelocationRange>& Module::relocations() const {
    relocations_once_.call([this] {
        if (image_) relocations_ = elf::relocation_ranges(*image_);
    });
    return relocations_;
}

ModulePtr make_module(const target::Contents& contents) {
    if (const auto* described = std::get_if<std::shared_ptr<const target::DescribedLibrary>>(&contents)) {
        return std::make_shared<Module>(*described);
    }
    const SourcePtr& bytes = std::get<SourcePtr>(contents);
    if (auto image = elf::Image::parse(bytes)) return std::make_shared<Module>(*std::move(image));
    return std::make_shared<Module>(bytes);
}

target::SystemResult<ModuleCache::Opened> ModuleCache::open(std::string_view path, target::Credentials who) {
    auto status = files_->status(path, who);
    if (!status) return std::unexpected(status.error());
    if (status->kind == target::FileKind::directory) return Opened{*status, nullptr};
    if (!target::permits(*status, who, target::Access::read)) return std::unexpected(EACCES);
    Identity id{status->device, status->inode};
    {
        std::lock_guard lock(mutex_);
        if (auto known = modules_.find(id); known != modules_.end()) {
            return Opened{*status, known->second};
        }
    }
    auto contents = files_->open(path, who);
    if (!contents) return std::unexpected(contents.error());
    ModulePtr module = make_module(*contents);
    std::lock_guard lock(mutex_);
    return Opened{*status, modules_.emplace(id, std::move(module)).first->second};
}

target::Architecture Module::architecture() const {
    if (image() == nullptr) return target::Architecture::unknown;
    const elf::Header& header = image()->header();
    return target::architecture_of(header.machine, image()->encoding().wide, image()->encoding().order == Endian::big, header.flags);
}

}  // namespace abiscope::loader
