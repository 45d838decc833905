// Contends for a Lease with client-go's own leader election, and writes to one ConfigMap while it leads.
//
// Each write is stamped with the identity and the term, so that the audit log of the API server shows who wrote when.
// A write is sent only while the last renewal is younger than the renew deadline, and never takes longer than what is
// left of it: client-go itself leaves it to the program to stop when its leadership ends.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

var (
	kubeconfig    = flag.String("kubeconfig", "", "path of the kubeconfig")
	server        = flag.String("server", "", "URL of the API server instead of the one in the kubeconfig")
	namespace     = flag.String("namespace", "default", "namespace of the Lease and the ConfigMap")
	lease         = flag.String("lease", "", "name of the Lease")
	object        = flag.String("object", "", "name of the ConfigMap to write")
	identity      = flag.String("identity", "", "identity in the Lease")
	leaseDuration = flag.Duration("lease-duration", 15*time.Second, "as in client-go")
	renewDeadline = flag.Duration("renew-deadline", 10*time.Second, "as in client-go")
	retryPeriod   = flag.Duration("retry-period", 2*time.Second, "as in client-go")
	writePeriod   = flag.Duration("write-period", 100*time.Millisecond, "pause between two writes")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags(*server, *kubeconfig)
	if err != nil {
		return err
	}
	// Also ends the attempts of a partitioned contender, as in the components of Kubernetes.
	config.Timeout = *renewDeadline / 2
	config.UserAgent = "contender/" + *identity
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	lock := &observedLock{LeaseLock: &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: *namespace, Name: *lease},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: *identity},
	}}
	var writing sync.WaitGroup
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            lock,
		LeaseDuration:   *leaseDuration,
		RenewDeadline:   *renewDeadline,
		RetryPeriod:     *retryPeriod,
		ReleaseOnCancel: true,
		Name:            *lease,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) {
				writing.Add(1)
				defer writing.Done()
				write(leading, client, lock)
			},
			OnStoppedLeading: func() { say("stopped", 0) },
		},
	})
	if err != nil {
		return err
	}
	say("started", 0)
	for ctx.Err() == nil {
		elector.Run(ctx)
		writing.Wait()
	}
	return nil
}

// observedLock notes the term and the time of the last successful acquisition or renewal.
type observedLock struct {
	*resourcelock.LeaseLock
	// writing is held while a write is in progress. A release waits for it.
	writing sync.Mutex
	mutex   sync.Mutex
	term    int
	sent    time.Time
}

func (lock *observedLock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	sent := time.Now()
	return lock.note(lock.LeaseLock.Create(ctx, record), record, sent)
}

func (lock *observedLock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	sent := time.Now()
	if record.HolderIdentity != *identity {
		lock.writing.Lock()
		defer lock.writing.Unlock()
	}
	return lock.note(lock.LeaseLock.Update(ctx, record), record, sent)
}

func (lock *observedLock) note(err error, record resourcelock.LeaderElectionRecord, sent time.Time) error {
	lock.mutex.Lock()
	defer lock.mutex.Unlock()
	if err == nil {
		lock.term, lock.sent = record.LeaderTransitions, sent
		if record.HolderIdentity != *identity {
			lock.sent = time.Time{}
		}
	}
	return err
}

// remaining returns the current term, and for how long this process may still write.
func (lock *observedLock) remaining() (int, time.Duration) {
	lock.mutex.Lock()
	defer lock.mutex.Unlock()
	return lock.term, *renewDeadline - time.Since(lock.sent)
}

func write(ctx context.Context, client kubernetes.Interface, lock *observedLock) {
	leading := -1
	for count := 0; ctx.Err() == nil; count++ {
		lock.writing.Lock()
		term, remaining := lock.remaining()
		if remaining > 0 && ctx.Err() == nil {
			if leading != term {
				leading = term
				say("leading", term)
			}
			// Not derived from ctx: a release waits until the write has ended, and must not cut it off.
			limited, cancel := context.WithTimeout(context.Background(), remaining)
			if err := stamp(limited, client, term, count); err == nil {
				say("wrote", term)
			}
			cancel()
		}
		lock.writing.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(*writePeriod):
		}
	}
}

// stamp replaces the ConfigMap, or creates it. It retries nothing.
func stamp(ctx context.Context, client kubernetes.Interface, term, count int) error {
	maps := client.CoreV1().ConfigMaps(*namespace)
	stamped := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: *namespace, Name: *object},
		Data:       map[string]string{"identity": *identity, "term": strconv.Itoa(term), "count": strconv.Itoa(count)},
	}
	_, err := maps.Update(ctx, stamped, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		_, err = maps.Create(ctx, stamped, metav1.CreateOptions{})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return err
}

var output sync.Mutex

func say(event string, term int) {
	output.Lock()
	defer output.Unlock()
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"event": event, "term": term})
}
