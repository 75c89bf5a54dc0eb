#include <unordered_set>

#include <fmt/format.h>

#include "golang/types.h"

namespace abiscope::golang {

using finding::Evidence;
using finding::Finding;

namespace {

void unreadable(const Memory& memory, std::uint64_t address, const Error& error, finding::Sink& sink) {
    View bytes = memory.at(address);
    sink.add(Finding(finding::RuleId::GO_TYPE_UNREADABLE,
                     Evidence::bytes("go/type", bytes.empty() ? 0 : bytes.file_offset(), memory.word(), error.what).at_address(address))
                 .with("address", finding::Address{address}));
}

// What the descriptors of one module lead to, each once.
class Closure {
public:
    Closure(const TypeReader& types, const std::function<void(const Type&)>& visit, finding::Sink& sink, const Limits& limits)
        : types_(types), visit_(visit), sink_(sink), left_(limits.steps) {}

    // Descriptors of another module, or none: a pointer that leads out of the module's types is not followed.
    void add(std::uint64_t address) {
        const AddressRange& range = types_.module().types;
        if (range.contains(address) && seen_.insert(address).second) waiting_.push_back(address);
    }

    std::uint64_t run() {
        std::uint64_t count = 0;
        Type type;
        while (!waiting_.empty() && left_-- != 0) {
            std::uint64_t address = waiting_.back();
            waiting_.pop_back();
            if (auto read = types_.read(address, type); !read) {
                unreadable(types_.memory(), address, read.error(), sink_);
                continue;
            }
            ++count;
            add(type.element);
            add(type.key);
            add(type.pointer_to_this);
            for (const StructField& field : type.fields) add(field.type);
            for (const InterfaceMethod& method : type.interface_methods) add(method.type);
            for (std::uint64_t one : type.in) add(one);
            for (std::uint64_t one : type.out) add(one);
            for (const Method& method : type.methods) add(method.type);
            visit_(type);
        }
        return count;
    }

private:
    const TypeReader& types_;
    const std::function<void(const Type&)>& visit_;
    finding::Sink& sink_;
    std::unordered_set<std::uint64_t> seen_;
    std::vector<std::uint64_t> waiting_;
    std::uint64_t left_;
};

// From 1.27 on: moduledata.typedesclen bytes of descriptors that reflect can find by their text, each aligned to a pointer, behind a first
// word that is none.
void visit_row(const TypeReader& types, const std::function<void(std::uint64_t)>& visit, finding::Sink& sink) {
    const Memory& memory = types.memory();
    unsigned word = memory.word();
    std::uint64_t at = types.module().types.start + word;
    std::uint64_t end = types.module().types.start + *types.module().descriptors;
    Type type;
    while (at < end) {
        at = align_up(at, word);
        if (auto read = types.read(at, type); !read) {
            unreadable(memory, at, read.error(), sink);
            break;   // how long it is, is not known
        }
        visit(at);
        at += type.descriptor_size;
    }
}

// The itabs' addresses. `visit` gives the size of what is there, 0 when it is none.
void visit_itab_places(const TypeReader& types, const std::function<std::uint64_t(std::uint64_t)>& visit) {
    const Module& module = types.module();
    std::uint64_t word = types.memory().word();
    if (module.descriptors) {
        for (std::uint64_t at = module.itabs.start; at < module.itabs.end;) {
            std::uint64_t size = visit(at);
            if (size == 0) break;
            at = align_up(at + size, word);
        }
        return;
    }
    const Slice& links = module.itablinks;
    std::uint64_t there = std::min(links.length, types.memory().at(links.data).size() / word);
    for (std::uint64_t i = 0; i < there; ++i) visit(types.memory().pointer(links.data + i * word).value_or(0));
}

}  // namespace

std::uint64_t visit_types(const TypeReader& types, const std::function<void(const Type&)>& visit, finding::Sink& sink,
                          const Limits& limits) {
    const Module& module = types.module();
    if (!module.shape_known) return 0;
    Closure closure(types, visit, sink, limits);
    const Memory& memory = types.memory();
    if (module.descriptors) visit_row(types, [&](std::uint64_t address) { closure.add(address); }, sink);
    std::uint64_t there = std::min<std::uint64_t>(module.typelinks.length, memory.at(module.typelinks.data).size() / 4);
    for (std::uint64_t i = 0; i < there; ++i)
        closure.add(module.types.start + memory.integer<std::uint32_t>(module.typelinks.data + i * 4).value_or(0));
    visit_itab_places(types, [&](std::uint64_t address) -> std::uint64_t {
        closure.add(memory.pointer(address).value_or(0));
        closure.add(memory.pointer(address + memory.word()).value_or(0));
        auto itab = types.read_itab(address);
        return itab ? types.itab_size(*itab) : 0;
    });
    return closure.run();
}

std::uint64_t visit_itabs(const TypeReader& types, const std::function<void(const Itab&)>& visit, finding::Sink& sink) {
    const Module& module = types.module();
    if (!module.shape_known) return 0;
    std::uint64_t count = 0;
    auto one = [&](std::uint64_t address) -> std::uint64_t {
        auto itab = types.read_itab(address);
        if (!itab) {
            unreadable(types.memory(), address, itab.error(), sink);
            return 0;
        }
        ++count;
        visit(*itab);
        return types.itab_size(*itab);
    };
    visit_itab_places(types, one);
    return count;
}

}  // namespace abiscope::golang
