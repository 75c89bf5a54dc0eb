#include "dwarf/builder.h"

#include <utility>

#include "dwarf/findings.h"
#include "dwarf/functions.h"
#include "dwarf/hash.h"
#include "dwarf/places.h"
#include "dwarf/scalars.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

using abi::Kind;
using abi::Type;
using abi::TypeId;

namespace {

constexpr unsigned most_depth = 256;   // types within types: a chain of typedefs, pointers, arrays and members

std::uint64_t entry_key(EntryRef ref) { return static_cast<std::uint64_t>(ref.unit->index) << 40 ^ (ref.offset - ref.unit->header); }

std::uint64_t number_of(TypeId id) { return static_cast<std::uint64_t>(id); }

// Of a base type. One byte alone has none.
abi::StorageOrder storage_order(const Entry& entry) {
    bool little = entry.unit().encoding.order == Endian::little;
    if (entry.number(Slot::byte_size) <= 1 || entry.number(Slot::endianity) != (little ? end::big : end::little))
        return abi::StorageOrder::native;
    return little ? abi::StorageOrder::big : abi::StorageOrder::little;
}

}  // namespace

TypeBuilder::TypeBuilder(const Debug& debug, abi::TypeTable& table, const TypeIndex* index, finding::Sink& sink,
                         const BuilderOptions& options, std::shared_ptr<BuilderTools> tools)
    : debug_(debug),
      table_(table),
      index_(index),
      sink_(sink),
      options_(options),
      tools_(tools ? std::move(tools) : std::make_shared<BuilderTools>(debug, index)),
      reader_(tools_->reader),
      hasher_(tools_->hasher),
      scopes_(tools_->scopes),
      lines_(tools_->lines),
      names_(debug) {}

// A name for the table; nothing when a hostile file has filled it with names.
std::string TypeBuilder::kept(std::string_view name) { return names_.take(name.size()) ? std::string(name) : std::string(); }

void TypeBuilder::invalid(const Entry& entry, std::string_view why) {
    sink_.add(reference_invalid(debug_.sections(entry.unit()), entry.unit().section, entry.ref.offset, why));
}

TypeId TypeBuilder::build(EntryRef ref) {
    TypeId id = shallow(ref, 0);
    complete(id, 0);
    return id;
}

bool TypeBuilder::complete(TypeId id) {
    complete(id, 0);
    const abi::Record* record = table_.record(id);
    return record == nullptr || record->complete;
}

// Through everything that holds its target by value, down to a record, which is filled in.
void TypeBuilder::complete(TypeId id, unsigned depth) {
    for (unsigned steps = 0; steps < most_depth && table_.contains(id); ++steps) {
        Kind kind = table_.at(id).kind;
        if (kind == Kind::record) break;
        if (kind != Kind::alias && kind != Kind::qualified && kind != Kind::atomic && kind != Kind::array && kind != Kind::vector) return;
        id = table_.at(id).target;
    }
    auto found = records_.find(id);
    if (found == records_.end() || found->second.state != State::named) return;
    Entry entry;
    if (found->second.declaration && !define(id)) return;
    Pending& pending = records_[id];
    if (!reader_.read(pending.ref, entry)) return;
    if (depth > most_depth) {
        invalid(entry, "types lie in each other too deeply");
        return;
    }
    pending.state = State::being_built;
    fill_record(id, entry, depth);
    records_[id].state = State::complete;
}

const TypeIndex& TypeBuilder::index() {
    if (index_ == nullptr) {
        own_index_ = std::make_unique<TypeIndex>(TypeIndex::build(debug_, options_.threads, sink_));
        index_ = own_index_.get();
        scopes_.use(*index_);
    }
    return *index_;
}

bool TypeBuilder::is_declaration(TypeId id) const {
    auto found = records_.find(id);
    return found != records_.end() && found->second.declaration;
}

TypeId TypeBuilder::definition(TypeId id) {
    EntryRef ref;
    for (const IndexedType* found : index().named(reader(), table_.at(id).name)) {
        if (!is_record_tag(found->tag)) continue;
        if (ref) return TypeId::none;
        ref = found->ref;
    }
    return ref ? shallow(ref, 0) : TypeId::none;
}

// Looks for the definition of a record that is only declared in its unit.
bool TypeBuilder::define(TypeId id) {
    Pending& pending = records_[id];
    pending.state = State::undefined;
    const std::string& name = table_.at(id).name;
    if (name.empty()) return false;
    for (const IndexedType* found : index().named(reader(), name)) {
        if (!is_record_tag(found->tag)) continue;
        pending = {.ref = found->ref, .state = State::named, .declaration = false};
        return true;
    }
    return false;
}

TypeId TypeBuilder::shallow(EntryRef ref, unsigned depth) {
    if (!ref) return TypeId::none;
    std::uint64_t key = entry_key(ref);
    if (auto known = by_entry_.find(key); known != by_entry_.end()) return known->second;
    Entry entry;
    if (!reader_.read(ref, entry) || entry.tag == 0) return TypeId::none;
    if (depth > most_depth) {
        invalid(entry, "a chain of types is too long, or comes back to itself");
        return TypeId::none;
    }
    // While an entry is being made it is no type yet: a chain that comes back to it ends there.
    by_entry_.emplace(key, TypeId::none);
    TypeId made = make(entry, depth);
    by_entry_[key] = made;
    return made;
}

TypeId TypeBuilder::target_of(const Entry& entry, unsigned depth, Slot slot) {
    if (!entry.has(slot)) return TypeId::none;
    EntryRef ref = debug_.reference(entry.unit(), entry.attributes, slot);
    if (!ref) {
        invalid(entry, "it refers to an entry that is not there");
        return TypeId::none;
    }
    return shallow(ref, depth + 1);
}

TypeId TypeBuilder::intern(std::uint64_t key, Type type) {
    auto [found, fresh] = by_key_.try_emplace(key, TypeId::none);
    if (fresh) found->second = table_.add(std::move(type));
    return found->second;
}

TypeId TypeBuilder::make(const Entry& entry, unsigned depth) {
    if (auto go = make_go(entry, depth)) return *go;
    switch (entry.tag) {
        case tag::structure_type:
        case tag::class_type:
        case tag::union_type:
        case tag::interface_type:
        case tag::enumeration_type: return make_named(entry);
        case tag::base_type:
        case tag::unspecified_type: return make_scalar(entry);
        case tag::array_type: return make_array(entry, depth);
        case tag::string_type: return make_string(entry);
        case tag::typedef_:
        case tag::template_alias: return make_alias(entry, depth);
        case tag::ptr_to_member_type: return make_member_pointer(entry, depth);
        case tag::subroutine_type: return make_function(entry, entry, depth);
        case tag::pointer_type:
        case tag::reference_type:
        case tag::rvalue_reference_type:
        case tag::const_type:
        case tag::volatile_type:
        case tag::restrict_type:
        case tag::immutable_type:
        case tag::packed_type:
        case tag::atomic_type: return make_modified(entry, depth);
        // A range that is a type of its own (Ada, Pascal) is as wide as what it is a range of.
        case tag::subrange_type: return target_of(entry, depth);
        default: return TypeId::none;
    }
}

std::uint64_t TypeBuilder::structure_key(const Entry& entry, std::string_view name, bool declaration) {
    // Records without a name are one only when they are the same entry.
    if (name.empty() || !options_.merge) return mix(hash_text("entry"), entry_key(entry.ref));
    if (declaration) return mix(hash_text(name), entry.tag == tag::enumeration_type);
    if (entry.ref.unit != hashed_unit_) hasher_.start_unit(entry.unit());
    hashed_unit_ = entry.ref.unit;
    return mix(hash_text(name), hasher_.record(entry, 0));
}

TypeId TypeBuilder::make_named(const Entry& found) {
    Entry entry = found;
    // A type unit holds what is only declared here, with a signature.
    if (entry.has(Slot::signature)) {
        Entry definition;
        if (reader_.follow(entry, Slot::signature, definition) && definition.tag != 0 && !definition.has(Slot::signature))
            entry = definition;
    }
    std::string name = scopes_.qualified_name(reader_, entry);
    bool declaration = entry.flag(Slot::declaration);
    std::uint64_t key = structure_key(entry, name, declaration);
    if (auto known = by_key_.find(key); known != by_key_.end()) return known->second;
    Type type{.language = language_of(entry.unit()), .name = kept(name)};
    set_sizes(type, entry);
    TypeId id = TypeId::none;
    if (entry.tag == tag::enumeration_type) {
        type.kind = Kind::enumeration;
        abi::Enumeration enumeration = read_enumeration(entry, type);
        id = table_.add(std::move(type), enumeration);
    } else {
        type.kind = Kind::record;
        abi::Record record;
        record.kind = entry.tag == tag::union_type ? abi::RecordKind::union_
            : entry.tag == tag::class_type         ? abi::RecordKind::class_
                                                   : abi::RecordKind::structure;
        record.complete = false;
        id = table_.add(std::move(type), std::move(record));
        records_[id] = {.ref = entry.ref, .state = State::named, .declaration = declaration};
    }
    by_key_.emplace(key, id);
    return id;
}

// Fortran's CHARACTER(n): so many characters, unless only the program knows how many.
TypeId TypeBuilder::make_string(const Entry& entry) {
    Type character{.kind = Kind::scalar, .language = language_of(entry.unit()), .scalar = abi::Scalar::character, .name = kept("char")};
    character.observed.size = 1;
    TypeId element = intern(mix(tag::base_type, hash_text("char"), std::uint64_t{1}, tag::string_type), std::move(character));
    Type type{.kind = Kind::array, .language = language_of(entry.unit()), .target = element, .count = constant(entry, Slot::byte_size)};
    type.observed.size = type.count;
    std::uint64_t key = mix(entry.tag, type.count.value_or(~std::uint64_t{0}));
    return intern(key, std::move(type));
}

TypeId TypeBuilder::make_scalar(const Entry& entry) {
    std::string_view name = reader_.name(entry);
    Type type{.kind = Kind::scalar, .language = language_of(entry.unit()), .name = kept(name)};
    if (entry.tag == tag::unspecified_type) {
        type.scalar = name.find("nullptr") != std::string_view::npos ? abi::Scalar::null_pointer : abi::Scalar::void_;
        if (type.scalar == abi::Scalar::null_pointer) type.observed.size = entry.unit().encoding.address_size;
        return intern(mix(entry.tag, hash_text(name)), std::move(type));
    }
    BaseType base{.name = name,
                  .encoding = entry.number(Slot::encoding),
                  .bytes = entry.number(Slot::byte_size),
                  .bits = constant(entry, Slot::bit_size),
                  .go_kind = constant(entry, Slot::go_kind)};
    ScalarReading reading = read_scalar(type.language, base);
    type.observed.size = constant(entry, Slot::byte_size);
    type.order = storage_order(entry);
    std::uint64_t key = mix(entry.tag, hash_text(name), base.bytes, base.encoding, static_cast<std::uint64_t>(type.order));
    if (!reading.known) {
        type.kind = Kind::unknown;
        return intern(key, std::move(type));
    }
    if (reading.complex) {
        Type part{.kind = Kind::scalar, .language = type.language, .scalar = reading.scalar};
        part.name = float_name(reading.scalar);
        part.observed.size = base.bytes / 2;
        std::uint64_t part_key = mix(tag::base_type, hash_text(part.name), base.bytes / 2, ate::float_);
        type.target = intern(part_key, std::move(part));
        type.kind = Kind::complex;
        return intern(key, std::move(type));
    }
    type.scalar = reading.scalar;
    type.unsigned_character = type.scalar == abi::Scalar::character && base.encoding == ate::unsigned_char;
    type.bits = reading.bits;
    return intern(key, std::move(type));
}

TypeId TypeBuilder::make_modified(const Entry& entry, unsigned depth) {
    TypeId target = target_of(entry, depth);
    Type type{.language = language_of(entry.unit()), .target = target};
    std::uint64_t width = entry.number(Slot::byte_size, entry.unit().encoding.address_size);
    std::uint64_t key = mix(entry.tag, number_of(target), width);
    switch (entry.tag) {
        case tag::pointer_type:
            type.kind = Kind::pointer;
            type.observed.size = width;
            break;
        case tag::reference_type:
        case tag::rvalue_reference_type:
            type.kind = Kind::reference;
            type.observed.size = width;
            break;
        case tag::atomic_type: type.kind = Kind::atomic; break;
        case tag::packed_type: return target;   // Pascal's word for records; the members carry it out
        default:
            type.kind = Kind::qualified;
            type.is_const = entry.tag == tag::const_type || entry.tag == tag::immutable_type;
            type.is_volatile = entry.tag == tag::volatile_type;
            break;
    }
    if (entry.has(Slot::name)) {   // Rust and Go name their pointers
        type.name = kept(reader_.name(entry));
        key = mix(key, hash_text(type.name));
    }
    return intern(key, std::move(type));
}

TypeId TypeBuilder::make_member_pointer(const Entry& entry, unsigned depth) {
    TypeId target = target_of(entry, depth);
    TypeId owner = target_of(entry, depth, Slot::containing_type);
    bool function = table_.contains(target) &&
        table_.at(table_.resolve(target) == TypeId::none ? target : table_.resolve(target)).kind == Kind::function;
    Type type{.kind = function ? Kind::member_function_pointer : Kind::member_data_pointer,
              .language = language_of(entry.unit()),
              .target = target,
              .owner = owner};
    type.observed.size = constant(entry, Slot::byte_size);
    std::uint64_t key = mix(entry.tag, number_of(target), number_of(owner), type.observed.size.value_or(0));
    return intern(key, std::move(type));
}

TypeId TypeBuilder::make_alias(const Entry& entry, unsigned depth) {
    TypeId target = target_of(entry, depth);
    std::string name = scopes_.qualified_name(reader_, entry);
    Type type{.kind = Kind::alias, .language = language_of(entry.unit()), .target = target};
    // "typedef void name": a target that is not there is `void`.
    type.alignment = static_cast<std::uint32_t>(constant(entry, Slot::alignment).value_or(0));
    if (type.alignment != 0) type.observed.alignment = type.alignment;
    std::uint64_t key = mix(entry.tag, hash_text(name), number_of(target), type.alignment);
    if (auto known = by_key_.find(key); known != by_key_.end()) return known->second;
    type.name = kept(name);
    if (options_.sources) type.declared = lines_.place(entry);
    return intern(key, std::move(type));
}

TypeId TypeBuilder::make_array(const Entry& entry, unsigned depth) {
    TypeId element = target_of(entry, depth);
    bool vector = entry.flag(Slot::gnu_vector);
    std::vector<std::optional<std::uint64_t>> counts;
    reader_.children(entry, [&](const Entry& child) {
        if (child.tag != tag::subrange_type && child.tag != tag::generic_subrange) return true;
        std::optional<std::uint64_t> count = constant(child, Slot::count);
        if (!count) {
            auto upper = constant(child, Slot::upper_bound);
            auto lower = constant(child, Slot::lower_bound).value_or(first_index(entry.unit()));
            // -1 is GCC's word for no elements at all. In one or two bytes it would be 255 or 65535, which are common bounds.
            bool none = upper &&
                (*upper == ~std::uint64_t{0} || (*upper == 0xffffffff && child.attributes.form_of(Slot::upper_bound) == form::data4));
            if (upper) count = none ? 0 : *upper + 1 - lower;
        }
        counts.push_back(count);
        return counts.size() < most_depth;
    });
    if (counts.empty()) counts.emplace_back();
    TypeId id = element;
    for (auto at = counts.rbegin(); at != counts.rend(); ++at) {
        Type type{.kind = vector ? Kind::vector : Kind::array, .language = language_of(entry.unit()), .target = id, .count = *at};
        if (at + 1 == counts.rend()) type.observed.size = constant(entry, Slot::byte_size);
        std::uint64_t key = mix(entry.tag, number_of(id), at->value_or(~std::uint64_t{0}), vector, type.observed.size.value_or(0));
        id = intern(key, std::move(type));
    }
    return id;
}

TypeId TypeBuilder::make_function(const Entry& entry, const Entry& parameters, unsigned depth) {
    abi::Function function;
    function.result = target_of(entry, depth);
    std::uint64_t key = mix(tag::subroutine_type, number_of(function.result));
    reader_.children(parameters, [&](const Entry& child) {
        if (child.tag == tag::formal_parameter) {
            if (is_in_charge_flag(reader_, child)) return true;
            if (entry.tag == tag::subprogram && is_beside_explicit_object(linkage_name(reader_, parameters), child)) return true;
            Entry origin;
            TypeId parameter = target_of(reader_.with(Slot::type, child, origin), depth);
            function.parameters.push_back(parameter);
            key = mix(key, number_of(parameter));
        } else if (child.tag == tag::unspecified_parameters) {
            function.variadic = true;
        }
        return true;
    });
    if (entry.tag == tag::subroutine_type) function.calling_convention = constant(entry, Slot::calling_convention);
    key = mix(key, function.variadic, function.parameters.size(), function.calling_convention.value_or(0));
    auto [found, fresh] = by_key_.try_emplace(key, TypeId::none);
    if (fresh) found->second = table_.add(Type{.kind = Kind::function, .language = language_of(entry.unit())}, std::move(function));
    return found->second;
}

TypeId TypeBuilder::build_function(const Entry& entry, const Entry& parameters) {
    TypeId id = make_function(entry, parameters, 0);
    const abi::Function* function = table_.function(id);
    if (function == nullptr) return id;
    // Parameters and results travel by value.
    std::vector<TypeId> held = function->parameters;
    held.push_back(function->result);
    for (TypeId one : held) complete(one, 0);
    return id;
}

}  // namespace abiscope::dwarf
