// SPDX-License-Identifier: Apache-2.0
// NCCL's entry points that move data. A collective becomes messages between all ranks, each with the collective's name
// in it, so that ranks that call different things are told so; then each rank combines what it got, in order of ranks.
#include "group.hpp"

using namespace fake_nccl;

namespace {

/// One collective call under construction.
class collective {
 public:
  collective(const char* name, ncclComm_t comm, cudaStream_t stream, std::size_t count, ncclDataType_t type)
      : name_{name}, comm_{comm}, count_{count}, bytes_{count * size_of(type)}, type_{type} {
    result_ = usable(comm, name);
    if (result_ == ncclSuccess && size_of(type) == 0)
      result_ = refuse(ncclInvalidArgument, std::string{name} + " : invalid type " + std::to_string(type));
    if (result_ != ncclSuccess) return;
    in_ = &open_group(comm, stream);
    kind_ = name_ + ", count " + std::to_string(count) + ", " + name_of(type);
  }

  explicit operator bool() const { return result_ == ncclSuccess; }
  ncclResult_t result() const { return result_; }
  std::size_t bytes() const { return bytes_; }  // of `count` elements
  int size() const { return comm_->size; }
  int rank() const { return comm_->rank; }

  void operation(ncclRedOp_t op) {
    kind_ += ", " + name_of(op);
    if (op < 0 || op >= ncclNumOps)
      stop(comm_->who() + ": " + kind_ + ": reductions of one's own are not in this fake");
    op_ = op;
  }
  bool root(int root) {
    kind_ += ", root " + std::to_string(root);
    if (root < 0 || root >= comm_->size) result_ = refuse(ncclInvalidArgument, name_ + " : invalid root");
    return result_ == ncclSuccess;
  }

  void reads(const void* at, std::size_t parts) { uses_memory(*in_, name_.c_str(), at, parts * bytes_, false); }
  void writes(const void* at, std::size_t parts) { uses_memory(*in_, name_.c_str(), at, parts * bytes_, true); }

  void send(const void* from, int part, int peer) { add(true, const_cast<void*>(from), part, peer); }
  void receive(void* onto, int part, int peer) { add(false, onto, part, peer); }

  /// What this rank has and what each other one sends will be combined into `onto`.
  void combine(const void* own, int part, void* onto) {
    auto made = std::make_unique<reduction>(
        reduction{type_, op_, count_, static_cast<const char*>(own) + offset(part), static_cast<char*>(onto), {}});
    for (int peer = 0; peer < size(); ++peer) {
      made->parts.emplace_back(peer == rank() ? 0 : bytes_);
      if (peer != rank()) receive(made->parts.back().data(), 0, peer);
    }
    in_->reductions.push_back(std::move(made));
  }

  ncclResult_t done() { return call_done(*in_, name_.c_str()); }

 private:
  std::size_t offset(int part) const { return static_cast<std::size_t>(part) * bytes_; }
  void add(bool sends, void* base, int part, int peer) {
    in_->collectives.push_back({sends, peer, static_cast<char*>(base) + offset(part), bytes_, kind_});
  }

  std::string name_, kind_;
  ncclComm_t comm_;
  std::size_t count_, bytes_;
  ncclDataType_t type_;
  ncclRedOp_t op_ = ncclSum;
  group* in_ = nullptr;
  ncclResult_t result_;
};

ncclResult_t message(bool sends, const void* at, std::size_t count, ncclDataType_t type, int peer, ncclComm_t comm,
                     cudaStream_t stream) {
  const char* name = sends ? "ncclSend" : "ncclRecv";
  if (const auto bad = usable(comm, name)) return bad;
  if (peer < 0 || peer >= comm->size)
    return refuse(ncclInvalidArgument, std::string{name} + " : invalid root " + std::to_string(peer) +
                                           " (root should be in the 0.." + std::to_string(comm->size - 1) + " range)");
  if (size_of(type) == 0) return refuse(ncclInvalidArgument, std::string{name} + " : invalid type");
  group& in = open_group(comm, stream);
  uses_memory(in, name, at, count * size_of(type), !sends);
  in.messages.push_back({sends, peer, static_cast<char*>(const_cast<void*>(at)), count * size_of(type),
                         "ncclSend/ncclRecv of " + name_of(type)});
  return call_done(in, name);
}

}  // namespace

extern "C" {

ncclResult_t ncclSend(const void* from, std::size_t count, ncclDataType_t type, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  return message(true, from, count, type, peer, comm, stream);
}

ncclResult_t ncclRecv(void* onto, std::size_t count, ncclDataType_t type, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  return message(false, onto, count, type, peer, comm, stream);
}

ncclResult_t ncclAllReduce(const void* in, void* out, std::size_t count, ncclDataType_t type, ncclRedOp_t op,
                           ncclComm_t comm, cudaStream_t stream) {
  collective call{"ncclAllReduce", comm, stream, count, type};
  if (!call) return call.result();
  call.operation(op);
  call.reads(in, 1);
  call.writes(out, 1);
  for (int peer = 0; peer < call.size(); ++peer)
    if (peer != call.rank()) call.send(in, 0, peer);
  call.combine(in, 0, out);
  return call.done();
}

ncclResult_t ncclReduceScatter(const void* in, void* out, std::size_t count, ncclDataType_t type, ncclRedOp_t op,
                               ncclComm_t comm, cudaStream_t stream) {
  collective call{"ncclReduceScatter", comm, stream, count, type};
  if (!call) return call.result();
  call.operation(op);
  call.reads(in, static_cast<std::size_t>(call.size()));
  call.writes(out, 1);
  for (int peer = 0; peer < call.size(); ++peer)
    if (peer != call.rank()) call.send(in, peer, peer);
  call.combine(in, call.rank(), out);
  return call.done();
}

ncclResult_t ncclReduce(const void* in, void* out, std::size_t count, ncclDataType_t type, ncclRedOp_t op, int root,
                        ncclComm_t comm, cudaStream_t stream) {
  collective call{"ncclReduce", comm, stream, count, type};
  if (!call) return call.result();
  call.operation(op);
  if (!call.root(root)) return call.result();
  call.reads(in, 1);
  if (call.rank() == root) {
    call.writes(out, 1);
    call.combine(in, 0, out);
  } else call.send(in, 0, root);
  return call.done();
}

ncclResult_t ncclBroadcast(const void* in, void* out, std::size_t count, ncclDataType_t type, int root, ncclComm_t comm,
                           cudaStream_t stream) {
  collective call{"ncclBroadcast", comm, stream, count, type};
  if (!call || !call.root(root)) return call.result();
  call.writes(out, 1);
  if (call.rank() == root) {
    call.reads(in, 1);
    for (int peer = 0; peer < call.size(); ++peer) call.send(in, 0, peer);  // to itself as well
  }
  call.receive(out, 0, root);
  return call.done();
}

ncclResult_t ncclBcast(void* data, std::size_t count, ncclDataType_t type, int root, ncclComm_t comm,
                       cudaStream_t stream) {
  return ncclBroadcast(data, data, count, type, root, comm, stream);
}

ncclResult_t ncclAllGather(const void* in, void* out, std::size_t count, ncclDataType_t type, ncclComm_t comm,
                           cudaStream_t stream) {
  collective call{"ncclAllGather", comm, stream, count, type};
  if (!call) return call.result();
  call.reads(in, 1);
  call.writes(out, static_cast<std::size_t>(call.size()));
  for (int peer = 0; peer < call.size(); ++peer) {
    call.send(in, 0, peer);
    call.receive(out, peer, peer);
  }
  return call.done();
}

ncclResult_t ncclAlltoAll(const void* in, void* out, std::size_t count, ncclDataType_t type, ncclComm_t comm,
                          cudaStream_t stream) {
  collective call{"ncclAlltoAll", comm, stream, count, type};
  if (!call) return call.result();
  if (in == out) stop("rank " + std::to_string(call.rank()) + ": ncclAlltoAll in place, which NCCL does not have");
  call.reads(in, static_cast<std::size_t>(call.size()));
  call.writes(out, static_cast<std::size_t>(call.size()));
  for (int peer = 0; peer < call.size(); ++peer) {
    call.send(in, peer, peer);
    call.receive(out, peer, peer);
  }
  return call.done();
}

ncclResult_t ncclGather(const void* in, void* out, std::size_t count, ncclDataType_t type, int root, ncclComm_t comm,
                        cudaStream_t stream) {
  collective call{"ncclGather", comm, stream, count, type};
  if (!call || !call.root(root)) return call.result();
  call.reads(in, 1);
  call.send(in, 0, root);
  if (call.rank() == root) {
    call.writes(out, static_cast<std::size_t>(call.size()));
    for (int peer = 0; peer < call.size(); ++peer) call.receive(out, peer, peer);
  }
  return call.done();
}

ncclResult_t ncclScatter(const void* in, void* out, std::size_t count, ncclDataType_t type, int root, ncclComm_t comm,
                         cudaStream_t stream) {
  collective call{"ncclScatter", comm, stream, count, type};
  if (!call || !call.root(root)) return call.result();
  call.writes(out, 1);
  if (call.rank() == root) {
    call.reads(in, static_cast<std::size_t>(call.size()));
    for (int peer = 0; peer < call.size(); ++peer) call.send(in, peer, peer);
  }
  call.receive(out, 0, root);
  return call.done();
}
}
